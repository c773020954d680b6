package dev.lockstep.driver.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.ModelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The layers of a model and what each of them reads, in the order of the file: a layer is behind those that it reads.
 *
 * @param steps the last one gives the answer
 */
record KerasGraph(List<Step> steps) {

    /** @param inputs the names of the layers that it reads; none of the first one */
    record Step(KerasLayer layer, List<String> inputs) {}

    /**
     * Reads it.
     *
     * @param model a class's name and its configuration
     * @throws ModelException when it is no chain and no graph of one input and one output
     */
    static KerasGraph of(JsonNode model) {
        String kind = model.path("class_name").asText();
        JsonNode inside = model.path("config");
        KerasGraph graph;
        if (kind.equals("Functional") || kind.equals("Model")) {
            graph = functional(inside);
        } else if (kind.equals("Sequential")) {
            graph = chain(inside.isArray() ? inside : inside.path("layers"));
        } else {
            throw new ModelException("is a model of class " + (kind.isEmpty() ? "(none)" : Excerpt.of(kind))
                    + "; only Sequential and Functional ones can be imported");
        }
        if (graph.steps().isEmpty()) {
            throw new ModelException("has no layers");
        }
        return graph;
    }

    private static KerasGraph chain(JsonNode layers) {
        List<Step> steps = new ArrayList<>();
        for (JsonNode node : layers) {
            KerasLayer layer = KerasLayer.of(node);
            steps.add(new Step(
                    layer,
                    steps.isEmpty()
                            ? List.of()
                            : List.of(steps.get(steps.size() - 1).layer().name())));
        }
        return new KerasGraph(steps);
    }

    /** A functional model names what each layer reads, and what it answers with. */
    private static KerasGraph functional(JsonNode model) {
        List<Step> steps = new ArrayList<>();
        Set<String> before = new HashSet<>();
        for (JsonNode node : model.path("layers")) {
            KerasLayer layer = KerasLayer.of(node);
            List<String> read = new ArrayList<>();
            JsonNode calls = node.path("inbound_nodes");
            if (calls.size() > 1) {
                throw layer.without("is used " + calls.size() + " times; layers that are shared have no counterpart");
            }
            histories(calls, read);
            if (!before.containsAll(read) || read.isEmpty() != steps.isEmpty()) {
                throw layer.without("reads " + Excerpt.of(read.toString())
                        + "; only models of one input, in which layers stand behind those that they read, can be"
                        + " imported");
            }
            if (!before.add(layer.name())) {
                throw layer.without("there is another layer of this name");
            }
            steps.add(new Step(layer, read));
        }
        List<String> answers = new ArrayList<>();
        histories(model.path("output_layers"), answers);
        if (!steps.isEmpty()) {
            String last = steps.get(steps.size() - 1).layer().name();
            if (!answers.equals(List.of(last))) {
                throw new ModelException("answers with the layers " + Excerpt.of(String.join(", ", answers))
                        + "; only models that answer with their last layer alone, " + Excerpt.of(last)
                        + ", can be imported");
            }
        }
        return new KerasGraph(steps);
    }

    /** {@code [layer, node, output]} wherever it stands, however deep: each Keras has its own way. */
    private static void histories(JsonNode node, List<String> names) {
        boolean history = node.isArray()
                && node.path(0).isTextual()
                && node.path(1).isInt()
                && node.path(2).isInt();
        if (history) {
            names.add(node.get(0).asText());
        } else {
            node.forEach(child -> histories(child, names));
        }
    }

    /** Whether an embedding reads the input, which then is a sequence of numbers; nothing else may read it. */
    boolean readsNumbers() {
        boolean input = steps.get(0).layer().isInput();
        List<KerasLayer> first = input
                ? steps.stream()
                        .filter(step ->
                                step.inputs().contains(steps.get(0).layer().name()))
                        .map(Step::layer)
                        .toList()
                : List.of(steps.get(0).layer());
        boolean numbers = first.stream().anyMatch(layer -> layer.type().equals("Embedding"));
        for (KerasLayer layer : first) {
            if (numbers && !layer.type().equals("Embedding")) {
                throw layer.without("reads the numbers that an Embedding reads, which has no counterpart");
            }
        }
        return numbers;
    }
}
