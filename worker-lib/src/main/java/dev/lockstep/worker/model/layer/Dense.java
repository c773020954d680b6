package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;

/**
 * y = f(x W + b); an image is flattened first. Parameters: W [in, units], b [units].
 *
 * @param units from 1
 * @param init how the weights start; null as the network's do
 */
public record Dense(int units, ActivationFunction activation, WeightInit init) implements Layer {
    public static final String TYPE = "dense";

    public Dense(int units, ActivationFunction activation) {
        this(units, activation, null);
    }

    static Dense read(Keys keys) {
        return new Dense(keys.required("units"), ActivationFunction.read(keys), WeightInit.readOwn(keys));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return Shape.vector(units);
    }
}
