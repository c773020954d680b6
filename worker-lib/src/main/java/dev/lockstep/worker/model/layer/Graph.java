package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Layers and the edges between them, put together one part after the other, with the shape of one example at every name. */
public final class Graph {
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private String last;

    /** A name that nothing here gives. */
    public Graph withInput(String name, Shape shape) {
        shapes.put(name, shape);
        last = name;
        return this;
    }

    /**
     * The inside of a part that reads one input.
     *
     * @throws IllegalArgumentException when it has another number of them
     */
    static Graph reading(List<String> inputs, List<Shape> shapes) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException("reads one input, has " + inputs.size());
        }
        return new Graph().withInput(inputs.get(0), shapes.get(0));
    }

    /**
     * Adds a part that learns as all the others.
     *
     * @param inputs names that are there already
     * @throws IllegalArgumentException as {@link #add(Node)}
     */
    public void add(String name, Part part, List<String> inputs) {
        add(new Node(name, part, inputs));
    }

    /**
     * Adds the layers that a node stands for.
     *
     * @param added reads names that are there already; the layers that it stands for learn as it does
     * @throws IllegalArgumentException when the part does not fit what it reads, or a name is unknown or taken
     */
    public void add(Node added) {
        String name = added.name();
        List<String> inputs = added.inputs();
        if (shapes.containsKey(name)) {
            throw new IllegalArgumentException("its name '" + name + "' is taken");
        }
        for (Node node : added.part()
                .nodes(name, inputs, inputs.stream().map(this::shape).toList())) {
            List<Shape> read = node.inputs().stream().map(this::shape).toList();
            if (!node.layer().readsTime() && read.stream().anyMatch(Shape::hasTime)) {
                throw new IllegalArgumentException(
                        "reads no sequence, its input is " + read + "; put last-step or mean-over-time before it");
            }
            if (node.layer() instanceof Output output && output.tied() != null) {
                checkTie(output, node.inputs(), read.get(0));
            }
            shapes.put(node.name(), node.layer().output(read));
            nodes.add(node.with(added.learning()));
        }
        last = name;
    }

    /** Its gradient comes to the embedding from above. */
    private void checkTie(Output output, List<String> inputs, Shape input) {
        Node named = nodes.stream()
                .filter(node -> node.name().equals(output.tied()))
                .findFirst()
                .orElse(null);
        boolean fits = named != null
                && named.layer() instanceof Embedding embedding
                && shape(named.inputs().get(0)).size() == 1
                && embedding.vocabulary() == output.units()
                && input.hasTime()
                && embedding.units() == input.size();
        if (!fits || !below(inputs).contains(output.tied())) {
            throw new IllegalArgumentException("is tied to '" + output.tied() + "'; expected the name of an embedding"
                    + " below it, of one token a step, with vocabulary = " + output.units() + " and units = "
                    + input.size() + ", as its input is " + input);
        }
    }

    /** All that these nodes stand on, with themselves. */
    private Set<String> below(List<String> names) {
        Set<String> all = new HashSet<>(names);
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (all.contains(nodes.get(i).name())) {
                all.addAll(nodes.get(i).inputs());
            }
        }
        return all;
    }

    /**
     * Adds parts one behind the other, named by a prefix and their number from 0.
     *
     * @param parts at least one
     * @param below what the first of them reads
     */
    void addAll(String prefix, List<? extends Part> parts, String below) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("has no layers");
        }
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).isOutput()) {
                throw new IllegalArgumentException(
                        "a block cannot hold an " + parts.get(i).type());
            }
            add(prefix + "." + i, parts.get(i), List.of(i == 0 ? below : last));
        }
    }

    /** The name that was added last. */
    public String last() {
        return last;
    }

    /** @throws IllegalArgumentException when there is no such name */
    public Shape shape(String name) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalArgumentException(
                    "reads '" + name + "', which is not before it; there are " + shapes.keySet());
        }
        return shape;
    }

    /** Layers alone, each behind those that it reads. */
    public List<Node> nodes() {
        return List.copyOf(nodes);
    }
}
