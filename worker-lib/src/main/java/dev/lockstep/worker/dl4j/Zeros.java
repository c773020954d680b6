package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.ParameterLayout.Block;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.layers.Layer;

/** The weights of sparse layers that are 0, and so stay: found anew whenever parameters have changed. */
final class Zeros {
    private final Network network;
    private final List<Block> blocks;
    private BitSet places; // null when nobody has looked since the last change

    /** @param nodes the names of sparse layers */
    Zeros(Network network, ParameterLayout layout, Set<String> nodes) {
        this.network = network;
        this.blocks = layout.blocks().stream()
                .filter(block ->
                        nodes.contains(block.node()) && isWeight(network.parts().get(block.node()), block.parameter()))
                .toList();
    }

    /** Whether a parameter is a weight, and no bias, scale or shift. */
    static boolean isWeight(Trainable part, String parameter) {
        return part.getConfig() instanceof Layer layer && layer.initializer().isWeightParam(layer, parameter);
    }

    /** Parameters have changed. */
    void forget() {
        places = null;
    }

    /** A weight that stays has no gradient. */
    void keepOutOf(float[] gradient) {
        if (blocks.isEmpty()) {
            return;
        }
        if (places == null) {
            places = places();
        }
        for (int i = places.nextSetBit(0); i >= 0; i = places.nextSetBit(i + 1)) {
            gradient[i] = 0;
        }
    }

    private BitSet places() {
        BitSet found = new BitSet();
        float[] parameters = FlatValues.read(network.parameters());
        for (Block block : blocks) {
            for (int i = block.from(); i < block.to(); i++) {
                if (parameters[i] == 0) {
                    found.set(i);
                }
            }
        }
        return found;
    }
}
