package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Node;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.Trainable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The first parameters of a network that starts from another model's. Layers with parameters are paired in their order; one
 * that is fresh takes the place of the model's and keeps its own.
 */
public final class TransferredParameters {
    private TransferredParameters() {}

    /**
     * A layer with parameters.
     *
     * @param arrays the sizes of each, in their order
     * @param from where they begin in the flat vector
     */
    private record Holder(String name, Map<String, String> arrays, int from, int length) {
        @Override
        public String toString() {
            return name
                    + arrays.entrySet().stream()
                            .map(array -> " " + array.getKey() + " " + array.getValue())
                            .collect(Collectors.joining(","));
        }
    }

    /**
     * Puts a model's parameters in the place of a network's own.
     *
     * @param own by the seed law, in DL4J's flat order; left as they are
     * @param json of the model that it starts from, DL4J's configuration
     * @param model its parameters, in DL4J's flat order
     * @throws ModelException when a layer does not fit: it names the first one, with the sizes of both
     */
    public static float[] of(NetworkSpec spec, float[] own, String json, float[] model) {
        List<Holder> ours = holders(Networks.stock(spec));
        List<Holder> theirs = holders(Network.fromJson(json).init());
        Map<String, Node> nodes = spec.layersByName();
        float[] start = own.clone();
        Iterator<Holder> others = theirs.iterator();
        boolean fresh = false;
        for (Holder each : ours) {
            Node node = nodes.get(each.name());
            Holder other = others.hasNext() ? others.next() : null;
            fresh = node.learning().fresh();
            if (fresh) {
                continue;
            }
            String shown = "layer " + node.name() + " (" + node.layer().type() + ":" + arraysOf(each) + ")";
            if (other == null) {
                throw new ModelException(shown + " has no counterpart: the model has " + theirs.size()
                        + " layers with parameters; fresh = true begins it anew");
            }
            if (!other.arrays().equals(each.arrays())) {
                throw new ModelException(shown + " does not fit the model's layer " + other.name() + " ("
                        + arraysOf(other).strip() + "); make it alike, or fresh = true to begin it anew");
            }
            System.arraycopy(model, other.from(), start, each.from(), each.length());
        }
        if (others.hasNext() && !fresh) {
            throw new ModelException("the model's layer " + others.next() + " has no counterpart: the network has "
                    + ours.size() + " layers with parameters; expected " + theirs.size());
        }
        return start;
    }

    private static String arraysOf(Holder layer) {
        return layer.toString().substring(layer.name().length());
    }

    private static List<Holder> holders(Network network) {
        try {
            List<Holder> holders = new ArrayList<>();
            int from = 0;
            for (Map.Entry<String, Trainable> part : network.parts().entrySet()) {
                Map<String, String> arrays = new LinkedHashMap<>();
                int to = from;
                for (Map.Entry<String, INDArray> array :
                        part.getValue().paramTable(false).entrySet()) {
                    arrays.put(array.getKey(), sizes(array.getValue()));
                    to += Math.toIntExact(array.getValue().length());
                }
                if (to > from) {
                    holders.add(new Holder(part.getKey(), arrays, from, to - from));
                }
                from = to;
            }
            return holders;
        } finally {
            network.close();
        }
    }

    /** DL4J's vectors are matrices of one row. */
    private static String sizes(INDArray array) {
        boolean vector = array.rank() == 2 && array.size(0) == 1;
        return LongStream.of(array.shape())
                .skip(vector ? 1 : 0)
                .mapToObj(Long::toString)
                .collect(Collectors.joining(" x "));
    }
}
