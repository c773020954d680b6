package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.math.Workbench;
import dev.lockstep.worker.model.LayerKernel;
import dev.lockstep.worker.natives.Natives;
import dev.lockstep.worker.settings.JvmSettings;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts our layers in the place of DL4J's in a network that is initialised: same configuration, same arrays of
 * parameters and gradients, so the model that is saved is the same. What we have no layer for keeps DL4J's. Clones and
 * restored networks have DL4J's layers again.
 *
 * <p>The system property {@code lockstep.kernels}, or {@code LOCKSTEP_KERNELS} in the environment, chooses another
 * {@link Mode}; where OpenBLAS's library for the platform is missing, it is {@link Mode#ONEDNN}.
 */
public final class FastLayers {
    private static final Logger LOG = LoggerFactory.getLogger(FastLayers.class);

    private FastLayers() {}

    /**
     * What computes a layer, a preprocessor in front of it, or a vertex of a graph without a layer.
     *
     * @param index of the layer, from 0; in a graph, of the vertex
     * @param type DL4J's name of the layer
     * @param kernel the class that computes it
     * @param technique how ours computes it, and what is fused; empty when DL4J's computes
     * @param stock why DL4J's layer was kept; empty when ours computes, or when DL4J's does all there is to do
     * @param passes what ours computed, and what it handed to DL4J's code, from now on; nothing when DL4J's computes
     */
    public record Choice(int index, String type, String kernel, String technique, String stock, PassCounter passes) {
        static Choice ours(int index, String type, FastLayer layer) {
            return new Choice(index, type, layer.getClass().getSimpleName(), layer.technique(), "", layer.passes());
        }

        static Choice stock(Layer layer, String why) {
            return stock(layer.getIndex(), typeOf(layer), layer.getClass().getSimpleName(), why);
        }

        static Choice stock(GraphVertex vertex, String why) {
            String kernel = vertex.getClass().getSimpleName();
            return stock(vertex.getVertexIndex(), kernel, kernel, why);
        }

        /** With the passes so far. */
        public LayerKernel counted() {
            return new LayerKernel(
                    index,
                    type,
                    kernel,
                    technique,
                    stock,
                    passes.forward(),
                    passes.backward(),
                    passes.stockForward(),
                    passes.stockBackward());
        }

        private static Choice stock(int index, String type, String kernel, String why) {
            return new Choice(index, type, kernel, "", why, new PassCounter(() -> kernel));
        }
    }

    private static String typeOf(Layer layer) {
        return layer.conf().getLayer().getClass().getSimpleName();
    }

    /** Whose layers compute. */
    public enum Mode {
        /** Ours, where we have them. */
        ON,
        /** DL4J's, on oneDNN where they can. */
        ONEDNN,
        /** DL4J's, as they come. */
        OFF;

        private static Mode of(String name) {
            for (Mode mode : values()) {
                if (mode.name().equalsIgnoreCase(name)) {
                    return mode;
                }
            }
            throw new ConfigurationException(
                    "LOCKSTEP_KERNELS, or -Dlockstep.kernels: expected on, onednn or off, found '" + Excerpt.of(name)
                            + "'");
        }
    }

    /**
     * What this JVM is set to.
     *
     * @throws ConfigurationException when it is set to something else
     */
    public static Mode requested() {
        return JvmSettings.kernels().map(Mode::of).orElse(Mode.ON);
    }

    /** What this JVM is set to, as far as there is OpenBLAS for it. */
    public static Mode mode() {
        Mode mode = requested();
        return mode == Mode.ON && !Natives.ready().hasOpenBlas() ? Mode.ONEDNN : mode;
    }

    /**
     * What computes in this JVM, as far as it is part of the bits: the same text where the bits are the same.
     */
    public static String kernels() {
        String layers =
                switch (mode()) {
                    case ON -> "Lockstep's layers";
                    case ONEDNN -> "DL4J's layers on oneDNN";
                    case OFF -> "DL4J's layers";
                };
        return layers + " and OpenBLAS for " + Natives.ready().core().orElse(System.getProperty("os.arch"));
    }

    /**
     * Tells a layer of a network prepared for training that it stays as it is: batch norm then takes its averages for the
     * batch's, forwards and backwards.
     *
     * @param part a layer, or the vertex that has it
     * @throws ConfigurationException when it is DL4J's batch norm, which cannot do so
     */
    public static void freeze(Trainable part) {
        Object layer = layerOf(part);
        if (layer instanceof FastBatchNorm norm) {
            norm.freeze();
        } else if (layer instanceof BatchNormalization) {
            throw new ConfigurationException(
                    "a batch-norm that is frozen is computed by Lockstep's layers alone; set LOCKSTEP_KERNELS=on");
        }
    }

    /** What computes a part of a network: of a vertex its layer, null where it has none. */
    public static Object layerOf(Trainable part) {
        return part instanceof GraphVertex vertex ? vertex.getLayer() : part;
    }

    /**
     * Replaces what can be replaced. The network must be initialised; a second call changes nothing. With its first
     * layer ours and no preprocessor in front, the network no longer gives the gradient of its input.
     *
     * @return one choice a layer, and one for each flattening in front of a layer that is ours too
     */
    public static List<Choice> install(MultiLayerNetwork network) {
        Installation installation = new Installation();
        Layer[] layers = network.getLayers();
        for (int i = 0; i < layers.length; i++) {
            boolean inputGradient =
                    i > 0 || network.getLayerWiseConfigurations().getInputPreProcess(0) != null;
            layers[i] = installation.replace(layers[i], inputGradient);
        }
        if (installation.mode == Mode.ON) {
            replaceFlattening(network, installation);
        }
        return installation.report();
    }

    /**
     * The same for a graph, whose sums and concatenations are replaced too; its other vertices without layers (products) stay
     * DL4J's. A layer gives no gradient of its input when that is an input of the network that nothing else reads.
     *
     * @return one choice a vertex, but for the network's inputs, and one for each flattening
     */
    public static List<Choice> install(ComputationGraph network) {
        Installation installation = new Installation();
        Layer[] layers = network.getLayers(); // of the vertices with layers, in their order
        int next = 0;
        for (GraphVertex vertex : network.getVertices()) {
            if (!vertex.hasLayer()) {
                if (!vertex.isInputVertex()) {
                    replace(network, vertex, installation);
                }
                continue;
            }
            if (vertex.getClass() == LayerVertex.class) {
                var layerVertex = (LayerVertex) vertex;
                layers[next] = installation.replace(layers[next], needsInputGradient(network, layerVertex));
                layerVertex.setLayer(layers[next]);
                if (installation.mode == Mode.ON) {
                    replaceFlattening(layerVertex, layers[next].getIndex(), installation);
                }
            } else {
                installation.keep(layers[next], "inside a " + vertex.getClass().getSimpleName());
            }
            next++;
        }
        return installation.report();
    }

    private static boolean needsInputGradient(ComputationGraph network, LayerVertex vertex) {
        GraphVertex source = network.getVertices()[vertex.getInputVertices()[0].getVertexIndex()];
        return !source.isInputVertex() || source.getNumOutputConnections() > 1 || vertex.getLayerPreProcessor() != null;
    }

    /** A graph keeps its vertices twice, by index and by name. */
    private static void replace(ComputationGraph network, GraphVertex stock, Installation installation) {
        GraphVertex vertex = installation.replace(stock, network);
        if (vertex != stock) {
            network.getVertices()[vertex.getVertexIndex()] = vertex;
            try {
                @SuppressWarnings("unchecked")
                var byName = (Map<String, GraphVertex>)
                        field(ComputationGraph.class, "verticesMap").get(network);
                byName.put(vertex.getVertexName(), vertex);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A field of DL4J's that has no getter or no setter. */
    private static Field field(Class<?> owner, String name) {
        try {
            Field field = owner.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("DL4J's " + owner.getSimpleName() + " has no field '" + name + "'", e);
        }
    }

    /** What becomes of the layers of one network. */
    private static final class Installation {
        private final Mode mode = mode();
        private final Workbench bench = new Workbench();
        private final List<Choice> layers = new ArrayList<>();
        private final List<Choice> flattenings = new ArrayList<>();

        /** The layer to use instead of the one given; that one itself where there is nothing better. */
        Layer replace(Layer stock, boolean inputGradient) {
            if (mode != Mode.OFF) {
                OneDnn.install(stock);
            }
            if (mode != Mode.ON) {
                return keep(stock, "kernels: " + mode);
            }
            // Dropout would write over what a layer of ours has given, and keeps for its backward pass.
            stock.allowInputModification(false);
            String obstacle = KernelCatalogue.obstacle(stock);
            if (!obstacle.isEmpty()) {
                return keep(stock, obstacle);
            }
            Layer layer = KernelCatalogue.replacement(stock, bench, inputGradient);
            layers.add(
                    layer instanceof FastLayer ours
                            ? Choice.ours(stock.getIndex(), typeOf(stock), ours)
                            : Choice.stock(stock, ""));
            return layer;
        }

        Layer keep(Layer stock, String why) {
            layers.add(Choice.stock(stock, why));
            return stock;
        }

        /** The same for a vertex without a layer. */
        GraphVertex replace(GraphVertex stock, ComputationGraph network) {
            String obstacle = mode == Mode.ON ? KernelCatalogue.obstacle(stock, network) : "kernels: " + mode;
            if (!obstacle.isEmpty()) {
                layers.add(Choice.stock(stock, obstacle));
                return stock;
            }
            GraphVertex vertex = KernelCatalogue.replacement(stock, network, bench);
            layers.add(Choice.ours(stock.getVertexIndex(), KernelCatalogue.typeOf(vertex), (FastLayer) vertex));
            return vertex;
        }

        BatchLastFlattening flattening(int layer, CnnToFeedForwardPreProcessor stock) {
            BatchLastFlattening ours = new BatchLastFlattening(stock);
            flattenings.add(Choice.ours(layer, "Flattening", ours));
            return ours;
        }

        List<Choice> report() {
            if (mode == Mode.ON) {
                FastLayers.report(layers);
            } else {
                LOG.info("DL4J's layers compute (kernels: {})", mode);
            }
            return Stream.concat(flattenings.stream(), layers.stream())
                    .sorted(Comparator.comparingInt(Choice::index))
                    .toList();
        }
    }

    private static void report(List<Choice> layers) {
        List<String> kept = new ArrayList<>();
        for (Choice choice : layers) {
            if (!choice.stock().isEmpty()) {
                kept.add(choice.index() + " " + choice.type() + " (" + choice.stock() + ")");
            }
        }
        if (kept.isEmpty()) {
            LOG.info("fast kernels compute all {} layers", layers.size());
        } else {
            LOG.warn(
                    "DL4J's own layers, slower, compute {} of {} layers: {}",
                    kept.size(),
                    layers.size(),
                    String.join(", ", kept));
        }
    }

    private static void replaceFlattening(MultiLayerNetwork network, Installation installation) {
        var configuration = network.getLayerWiseConfigurations();
        Map<Integer, InputPreProcessor> ours = new HashMap<>();
        configuration.getInputPreProcessors().forEach((layer, stock) -> {
            if (stock.getClass() == CnnToFeedForwardPreProcessor.class) {
                ours.put(layer, installation.flattening(layer, (CnnToFeedForwardPreProcessor) stock));
            }
        });
        configuration.setInputPreProcessors(new RunningPreProcessors(configuration.getInputPreProcessors(), ours));
    }

    /** The vertex asks a field that has no setter; the configuration, which is what is saved, has DL4J's still. */
    private static void replaceFlattening(LayerVertex vertex, int layer, Installation installation) {
        if (vertex.getLayerPreProcessor() instanceof CnnToFeedForwardPreProcessor stock
                && stock.getClass() == CnnToFeedForwardPreProcessor.class) {
            try {
                field(LayerVertex.class, "layerPreProcessor").set(vertex, installation.flattening(layer, stock));
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** DL4J's preprocessors to whoever saves or copies them, ours to the network that runs, which asks by layer. */
    private static final class RunningPreProcessors extends HashMap<Integer, InputPreProcessor> {
        private static final long serialVersionUID = 1L;

        private final transient Map<Integer, InputPreProcessor> ours;

        RunningPreProcessors(Map<Integer, InputPreProcessor> stock, Map<Integer, InputPreProcessor> ours) {
            super(stock);
            this.ours = ours;
        }

        @Override
        public InputPreProcessor get(Object layer) {
            InputPreProcessor running = ours == null ? null : ours.get(layer);
            return running == null ? super.get(layer) : running;
        }
    }
}
