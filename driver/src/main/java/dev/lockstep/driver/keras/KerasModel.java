package dev.lockstep.driver.keras;

import dev.lockstep.driver.config.GivenConfig;
import dev.lockstep.driver.config.Substitutions;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of Keras as a network of ours.
 *
 * @param configuration HOCON: what describes the network, {@code network} and {@code train.objective}
 * @param parameters in DL4J's flat order
 * @param version of the Keras that saved it
 */
public record KerasModel(String configuration, NetworkSpec network, float[] parameters, String version) {

    /**
     * Reads a file that Keras saved.
     *
     * @param name what to call it in messages
     * @throws ModelException when it is damaged, or has a layer or an attribute without counterpart, which is named
     */
    public static KerasModel of(String name, byte[] content) {
        try (KerasFile file = KerasFile.of(name, content)) {
            try {
                return translated(file);
            } catch (ModelException e) {
                throw e.getMessage().startsWith(name) ? e : new ModelException(name + ": " + e.getMessage(), e);
            } catch (ConfigurationException e) {
                throw new ModelException(
                        name + ": " + e.getMessage().lines().findFirst().orElse(""), e);
            }
        }
    }

    private static KerasModel translated(KerasFile file) {
        KerasGraph graph = KerasGraph.of(file.model());
        Translation to = new Translation(file.loss());
        Map<String, KerasValue> values = new HashMap<>();
        KerasLayer first = graph.steps().get(0).layer();
        KerasValue input = input(first, graph.readsNumbers(), to);
        KerasValue last = input;
        for (int i = 0; i < graph.steps().size(); i++) {
            KerasGraph.Step step = graph.steps().get(i);
            KerasLayer layer = step.layer();
            List<KerasValue> read = i == 0
                    ? List.of(input)
                    : step.inputs().stream().map(values::get).toList();
            boolean isLast = i == graph.steps().size() - 1;
            last = KerasCatalogue.translate(
                    new Reading(layer, read, file.weights(layer.type(), layer.name()), isLast, to));
            values.put(layer.name(), last);
            if (isLast && to.activation() == null) {
                throw layer.without("is the last layer; expected a Dense or an Activation");
            }
        }
        return built(file.version(), input, last, to);
    }

    /** Keras 1 and 2 may say it of the first layer instead. */
    private static KerasValue input(KerasLayer first, boolean numbers, Translation to) {
        List<Integer> sizes = first.inputShape();
        if (sizes == null) {
            throw first.without("the shape of the input is not said; build the model before it is saved");
        }
        if (sizes.isEmpty() || sizes.size() > 3 || numbers && sizes.size() != 1) {
            throw first.without("an input of " + sizes
                    + " has no counterpart; expected a vector, a sequence of vectors or of numbers, or an image");
        }
        boolean time = numbers || sizes.size() == 2;
        return to.makes(first, NetworkSpec.INPUT, time ? List.of(numbers ? 1 : sizes.get(1)) : sizes, time);
    }

    /** With data that could be told so: files of images have classes, and of tables the rows are told, not the steps. */
    private static GivenConfig examples(GivenConfig given, boolean classes, KerasValue told) {
        if (told.hasTime()) {
            return given.over("data.format", "generated").over("data.generated.rule", "addition");
        }
        return classes ? given : given.over("data.format", "csv").over("data.path", "any");
    }

    private static KerasModel built(String version, KerasValue input, KerasValue told, Translation to) {
        boolean classes = to.activation().equals("softmax");
        String objective =
                classes ? "classification" : to.activation().equals("sigmoid") ? "multi-label" : "regression";
        List<Integer> sizes = input.sizes();
        String size = input.isImage()
                ? "[" + sizes.get(2) + ", " + sizes.get(0) + ", " + sizes.get(1) + "]"
                : "[" + (input.hasTime() ? Shape.TIME + ", " : "") + sizes.get(0) + "]";
        String text =
                "network {\n  input = " + size + "\n  " + (classes ? "classes" : "targets") + " = " + told.channels()
                        + "\n  layers = [\n    " + to.layers() + "\n  ]\n}\ntrain.objective = " + objective + "\n";
        NetworkSpec network = examples(GivenConfig.of(text), classes, told)
                .parse(Substitutions.NONE)
                .network();
        int count = (int) Networks.size(network).parameters();
        return new KerasModel(text, network, to.parameters(Networks.layout(network), count), version);
    }
}
