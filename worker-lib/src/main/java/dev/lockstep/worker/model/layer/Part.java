package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import java.io.Serializable;
import java.util.List;

/** What a configuration lists as one: a {@link Layer}, or a shorthand for several. */
public interface Part extends Serializable {

    /** The name that a configuration uses. */
    String type();

    /**
     * The layers that it stands for, each behind those that it reads; the last has the part's own name.
     *
     * @param name of the part; those of layers inside begin with it and a dot
     * @param inputs the names of what it reads
     * @param shapes of one example of each of these
     * @throws IllegalArgumentException when it does not fit them; the message gives both
     */
    List<Node> nodes(String name, List<String> inputs, List<Shape> shapes);

    /** Whether it computes the loss; the last part must, and no other may. */
    default boolean isOutput() {
        return false;
    }
}
