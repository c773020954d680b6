package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.AttentionHeads;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Trainable;

/** What the attention of a network's layers looked at in their last forward pass. */
public final class AttentionWeights {
    private AttentionWeights() {}

    /** By the part's name, of each example of the batch {@code [heads][steps][steps]}: a row for each step that looks. */
    public static Map<String, List<float[][][]>> of(Map<String, Trainable> parts, int[] lengths) {
        Map<String, List<float[][][]>> all = new LinkedHashMap<>();
        parts.forEach((name, part) -> {
            if (FastLayers.layerOf(part) instanceof SequenceHost<?> host
                    && host.kernel() instanceof AttentionHeads attention) {
                List<float[][][]> examples = new ArrayList<>();
                for (int n = 0; n < lengths.length; n++) {
                    examples.add(attention.weights(n, lengths[n]));
                }
                all.put(name, examples);
            }
        });
        return all;
    }
}
