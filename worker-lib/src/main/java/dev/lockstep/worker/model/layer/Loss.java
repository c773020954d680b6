package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.NetworkOutput;

/** A loss on what the layer below gives (an image is flattened first), without weights of its own (for example behind a dropout on the logits). */
public record Loss(ActivationFunction activation, LossFunction loss) implements Layer {
    public static final String TYPE = "loss";

    static Loss read(Keys keys, NetworkOutput output) {
        LossFunction loss = LossFunction.read(keys, output.objective());
        return new Loss(loss.readActivation(keys), loss);
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return loss.over(activation, Shape.vector(input.size()));
    }

    @Override
    public boolean isOutput() {
        return true;
    }
}
