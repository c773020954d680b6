package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;

/** y = f(x), element by element (softmax: over the units of an example). */
public record Activation(ActivationFunction function) implements Layer {
    public static final String TYPE = "activation";

    static Activation read(Keys keys) {
        return new Activation(keys.choice("function", ActivationFunction.RELU, ActivationFunction.class));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public boolean readsTime() {
        return true;
    }

    @Override
    public Shape output(Shape input) {
        return function.over(input);
    }
}
