package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import java.util.List;

/** A layer as a value: equal layers compute the same. Letters: C channels, H rows, W columns, K kernel, S stride, P padding. */
public interface Layer extends Part {

    /**
     * The shape of one example behind it.
     *
     * @throws IllegalArgumentException when the layer does not fit the input; the message gives both
     */
    Shape output(Shape input);

    /**
     * The same of several inputs.
     *
     * @throws IllegalArgumentException when the layer does not fit them
     */
    default Shape output(List<Shape> inputs) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException("reads one input, has " + inputs.size());
        }
        return output(inputs.get(0));
    }

    /** The values of an example's state that its sequences can go on with; 0 where they cannot. */
    default int stateLength() {
        return 0;
    }

    /** The share of its state that it drops within the steps, in [0, 1). */
    default double recurrentDropout() {
        return 0;
    }

    /** Whether it reads sequences. */
    default boolean readsTime() {
        return false;
    }

    @Override
    default List<Node> nodes(String name, List<String> inputs, List<Shape> shapes) {
        output(shapes);
        return List.of(new Node(name, this, inputs));
    }
}
