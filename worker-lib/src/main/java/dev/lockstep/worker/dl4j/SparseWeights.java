package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.ParameterLayout;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** The weights of sparse layers that are 0, and so stay: found anew whenever parameters have changed. */
final class SparseWeights {
    private final Network network;
    private final List<ParameterLayout.Block> blocks;
    private BitSet zeros; // null when nobody has looked since the last change

    /** @param nodes the names of sparse layers */
    SparseWeights(Network network, ParameterLayout layout, Set<String> nodes) {
        this.network = network;
        this.blocks = layout.blocks().stream()
                .filter(block -> block.weight() && nodes.contains(block.node()))
                .toList();
    }

    /** Parameters have changed. */
    void forget() {
        zeros = null;
    }

    /** A weight that stays has no gradient. */
    void maskGradient(float[] gradient) {
        if (blocks.isEmpty()) {
            return;
        }
        if (zeros == null) {
            zeros = zeros();
        }
        for (int i = zeros.nextSetBit(0); i >= 0; i = zeros.nextSetBit(i + 1)) {
            gradient[i] = 0;
        }
    }

    private BitSet zeros() {
        BitSet found = new BitSet();
        float[] parameters = FlatValues.read(network.parameters());
        for (ParameterLayout.Block block : blocks) {
            for (int i = block.from(); i < block.to(); i++) {
                if (parameters[i] == 0) {
                    found.set(i);
                }
            }
        }
        return found;
    }
}
