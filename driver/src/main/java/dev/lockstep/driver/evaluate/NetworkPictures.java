package dev.lockstep.driver.evaluate;

import dev.lockstep.driver.evaluate.PictureSheet.Kind;
import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.Dl4jModel;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Graph;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What there is to look at of a trained network that is given images: the filters of its first convolution, what its first
 * convolutions make of an example, and what augmentation makes of examples.
 */
public final class NetworkPictures {
    /** So many examples are asked for. */
    public static final int EXAMPLES = 3;

    private static final int DRAWS = 7;
    private static final int MOST_FILTERS = 64;
    private static final int MOST_MAPS = 16;
    private static final int CONVOLUTIONS = 2;
    /** Larger pictures are made smaller. */
    private static final int LARGEST_SIDE = 64;
    /** The driver holds another copy of the network; above this it is spared that. */
    private static final long MOST_PARAMETERS = 25_000_000;

    private NetworkPictures() {}

    /**
     * @param network of the examples' format
     * @param parameters float32 in DL4J's flat order, left as they are
     * @param examples packed, at most {@link #EXAMPLES}
     * @param seeds of the run: augmentation is drawn as its first steps draw it
     * @return none where the network is given no images
     */
    public static List<PictureSheet> of(NetworkSpec network, float[] parameters, List<byte[]> examples, SeedLaw seeds) {
        List<PictureSheet> sheets = new ArrayList<>();
        if (!network.input().isImage() || examples.isEmpty()) {
            return sheets;
        }
        Graph graph = network.graph();
        List<Node> convolutions = graph.nodes().stream()
                .filter(node -> node.layer() instanceof Convolution)
                .limit(CONVOLUTIONS)
                .toList();
        if (!convolutions.isEmpty() && Networks.size(network).parameters() <= MOST_PARAMETERS) {
            Batch batch = new BatchReader(network.format(), network.input()).read(examples.subList(0, 1));
            try (Dl4jModel model = Dl4jModel.of(network)) {
                model.setParameters(parameters);
                sheets.add(filters(model.layout(), convolutions.get(0), graph, parameters));
                sheets.add(sheet(Kind.EXAMPLE, "0", 1, network.input(), batch.features()));
                Map<String, float[]> activations = model.activations(batch);
                for (Node node : convolutions) {
                    Shape maps = graph.shape(node.name());
                    int shown = Math.min(MOST_MAPS, maps.channels());
                    Shape one = new Shape(1, maps.height(), maps.width());
                    sheets.add(sheet(Kind.FEATURE_MAPS, node.name(), shown, one, activations.get(node.name())));
                }
            }
        }
        if (!network.augmentations().isEmpty()) {
            for (int i = 0; i < examples.size(); i++) {
                byte[] next = examples.get((i + 1) % examples.size());
                sheets.add(augmented(network, examples.get(i), next, i, seeds));
            }
        }
        return sheets;
    }

    private static PictureSheet filters(ParameterLayout layout, Node node, Graph graph, float[] parameters) {
        Convolution convolution = (Convolution) node.layer();
        int channels = graph.shape(node.inputs().get(0)).channels();
        int shown = Math.min(MOST_FILTERS, convolution.filters());
        ParameterLayout.Block weights = layout.blocks().stream()
                .filter(block ->
                        block.node().equals(node.name()) && block.parameter().equals("W"))
                .findFirst()
                .orElseThrow();
        float[] all = Arrays.copyOfRange(parameters, weights.from(), weights.to());
        return sheet(
                Kind.FILTERS, node.name(), shown, new Shape(channels, convolution.kernel(), convolution.kernel()), all);
    }

    /** @param other what mix-up mixes in */
    private static PictureSheet augmented(NetworkSpec network, byte[] example, byte[] other, int index, SeedLaw seeds) {
        BatchReader reader = new BatchReader(network.format(), network.input());
        int size = network.input().size();
        float[] values = new float[(1 + DRAWS) * size];
        System.arraycopy(reader.read(List.of(example)).features(), 0, values, 0, size);
        for (int draw = 0; draw < DRAWS; draw++) {
            Batch batch = reader.read(
                    List.of(example, other), network.augmentations(), seeds.seed(Purpose.AUGMENTATION, 0, draw, index));
            System.arraycopy(batch.features(), 0, values, (1 + draw) * size, size);
        }
        return sheet(Kind.AUGMENTED, Integer.toString(index), 1 + DRAWS, network.input(), values);
    }

    /**
     * @param shape of one picture; of other channels than one or three, their mean is shown
     * @param values at least {@code [pictures, channels, height, width]}
     */
    private static PictureSheet sheet(Kind kind, String of, int pictures, Shape shape, float[] values) {
        int shrink = (Math.max(shape.height(), shape.width()) + LARGEST_SIDE - 1) / LARGEST_SIDE;
        shrink = Math.min(shrink, Math.min(shape.height(), shape.width()));
        int channels = shape.channels() == 3 ? 3 : 1;
        int joined = shape.channels() / channels;
        int height = shape.height() / shrink;
        int width = shape.width() / shrink;
        float[] small = new float[pictures * channels * height * width];
        float part = 1f / (joined * shrink * shrink);
        int plane = shape.height() * shape.width();
        for (int i = 0; i < small.length; i++) {
            int x = i % width * shrink;
            int y = i / width % height * shrink;
            int first = i / (width * height) * joined * plane;
            for (int channel = 0; channel < joined; channel++) {
                for (int dy = 0; dy < shrink; dy++) {
                    for (int dx = 0; dx < shrink; dx++) {
                        small[i] += part * values[first + channel * plane + (y + dy) * shape.width() + x + dx];
                    }
                }
            }
        }
        return PictureSheet.of(kind, of, new int[] {pictures, channels, height, width}, small);
    }
}
