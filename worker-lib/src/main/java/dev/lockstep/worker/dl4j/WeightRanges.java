package dev.lockstep.worker.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Trainable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where in a network's flat parameters its weights are; between them lie biases, scales, shifts and averages. */
public final class WeightRanges {
    private WeightRanges() {}

    /** Parameters {@code [from, to)}: one array of weights. */
    public record Range(int from, int to) {}

    /** Those of an initialised network, ascending. */
    public static List<Range> of(Network network) {
        List<Range> ranges = new ArrayList<>();
        int from = 0;
        for (Trainable part : network.parts().values()) {
            for (Map.Entry<String, INDArray> array : part.paramTable(false).entrySet()) {
                int to = from + Math.toIntExact(array.getValue().length());
                if (Zeros.isWeight(part, array.getKey())) {
                    ranges.add(new Range(from, to));
                }
                from = to;
            }
        }
        return ranges;
    }
}
