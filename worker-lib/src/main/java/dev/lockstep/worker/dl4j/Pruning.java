package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Node;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Han et al. 2015, magnitude pruning: of all weights of the sparse layers together, those of the least size become 0. */
public final class Pruning {
    private Pruning() {}

    private record Weights(String name, int from, int to) {}

    /**
     * What was pruned.
     *
     * @param zeros how many weights are 0
     * @param weights how many there are
     */
    public record Outcome(long zeros, long weights) {}

    /**
     * Prunes parameters in place.
     *
     * @param share of the weights that are 0 behind it, in (0, 1); of equal ones the first go
     * @param parameters of the network, in DL4J's flat order
     * @throws ModelException when a layer has none left; it is named
     */
    public static Outcome prune(NetworkSpec spec, double share, float[] parameters) {
        List<Weights> weights = weights(spec);
        int all = weights.stream().mapToInt(each -> each.to() - each.from()).sum();
        int pruned = (int) Math.floor(share * all);
        float[] sizes = new float[all];
        int at = 0;
        for (Weights each : weights) {
            for (int i = each.from(); i < each.to(); i++) {
                sizes[at++] = Math.abs(parameters[i]);
            }
        }
        Arrays.sort(sizes);
        float bound = pruned == 0 ? 0 : sizes[pruned - 1];
        long below = 0;
        while (below < pruned && sizes[(int) below] < bound) {
            below++;
        }
        long equals = pruned - below; // of those as large as the bound
        long kept = 0;
        for (Weights each : weights) {
            long left = 0;
            for (int i = each.from(); i < each.to(); i++) {
                float size = Math.abs(parameters[i]);
                if (size < bound || size == bound && equals-- > 0) {
                    parameters[i] = 0;
                }
                left += parameters[i] == 0 ? 0 : 1;
            }
            kept += left;
            if (left == 0) {
                throw new ModelException("layer " + each.name() + " has no weight left: all "
                        + (each.to() - each.from()) + " are among the smallest; prune less, or freeze the layer");
            }
        }
        return new Outcome(all - kept, all);
    }

    private static List<Weights> weights(NetworkSpec spec) {
        Map<String, Node> nodes = spec.layersByName();
        return Networks.layout(spec).blocks().stream()
                .filter(block ->
                        block.weight() && nodes.get(block.node()).learning().sparse())
                .map(block -> {
                    Node node = nodes.get(block.node());
                    return new Weights(node.name() + " (" + node.layer().type() + ")", block.from(), block.to());
                })
                .toList();
    }
}
