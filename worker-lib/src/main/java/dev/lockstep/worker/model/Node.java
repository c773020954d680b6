package dev.lockstep.worker.model;

import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.Part;
import java.io.Serializable;
import java.util.List;

/**
 * A part of a network, by name, and the edges to it.
 *
 * @param inputs the names of what it reads: of nodes before it, or of the network's input
 * @param learning how it takes part in what the network learns
 */
public record Node(String name, Part part, List<String> inputs, Learning learning) implements Serializable {

    public Node {
        inputs = List.copyOf(inputs);
    }

    /** One that learns as all the others. */
    public Node(String name, Part part, List<String> inputs) {
        this(name, part, inputs, Learning.USUAL);
    }

    /** The same that learns in another way. */
    public Node with(Learning other) {
        return new Node(name, part, inputs, other);
    }

    /** What a node of an expanded network is: no shorthand for several. */
    public Layer layer() {
        return (Layer) part;
    }
}
