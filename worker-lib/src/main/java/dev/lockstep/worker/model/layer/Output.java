package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.objective.NetworkOutput;

/**
 * A dense layer that ends the network with a loss; of a sequence, at every step, and the loss is the sum over the steps. Parameters: W [in, units], b [units].
 *
 * @param units from 1
 * @param init how the weights start; null as the network's do
 */
public record Output(int units, ActivationFunction activation, LossFunction loss, WeightInit init) implements Layer {
    public static final String TYPE = "output";

    public Output(int units, ActivationFunction activation, LossFunction loss) {
        this(units, activation, loss, null);
    }

    /** @param output as many units where none are given, and its objective's loss */
    static Output read(Keys keys, NetworkOutput output) {
        int units = keys.from(1, "units", output.size());
        LossFunction loss = LossFunction.read(keys, output.objective());
        return new Output(units, loss.readActivation(keys), loss, WeightInit.readOwn(keys));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return loss.over(activation, input.hasTime() ? Shape.sequence(units) : Shape.vector(units));
    }

    /** Of a sequence it tells every step. */
    @Override
    public boolean readsTime() {
        return true;
    }

    @Override
    public boolean isOutput() {
        return true;
    }
}
