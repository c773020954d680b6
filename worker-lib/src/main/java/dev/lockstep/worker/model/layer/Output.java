package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.objective.NetworkOutput;

/**
 * A dense layer that ends the network with a loss; of a sequence, at every step, and the loss is the sum over the steps. Parameters:
 * W [in, units], b [units]; with negatives no b; tied neither.
 *
 * @param units from 1
 * @param init how the weights start; null as the network's do
 * @param negatives how many others an example is told from while the network learns, {@link dev.lockstep.worker.model.Negatives}; 0
 *     for all
 * @param tied the embedding whose rows are its W, which both then learn (Press, Wolf 2017); null for a W of its own
 */
public record Output(
        int units, ActivationFunction activation, LossFunction loss, WeightInit init, int negatives, String tied)
        implements Layer {
    public static final String TYPE = "output";

    public Output(int units, ActivationFunction activation, LossFunction loss) {
        this(units, activation, loss, null, 0, null);
    }

    /** One that learns from all of its outputs. */
    public Output(int units, ActivationFunction activation, LossFunction loss, WeightInit init) {
        this(units, activation, loss, init, 0, null);
    }

    /** @param output as many units where none are given, and its objective's loss */
    static Output read(Keys keys, NetworkOutput output) {
        int units = keys.from(1, "units", output.size());
        LossFunction loss = LossFunction.read(keys, output.objective());
        int negatives = keys.from(0, "negatives", 0);
        if (negatives > 0 && loss != LossFunction.CROSS_ENTROPY) {
            keys.problem("negatives", "go with the loss cross-entropy, which they stand for while the network learns");
        }
        return new Output(
                units, loss.readActivation(keys), loss, WeightInit.readOwn(keys), negatives, keys.text("tied", null));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        if (tied != null && (!input.hasTime() || init != null || negatives > 0)) {
            throw new IllegalArgumentException(
                    "is tied, so that it tells every step of a sequence, with neither negatives"
                            + " nor a weight-init; its input is " + input);
        }
        if (negatives > 0 && input.hasTime()) {
            throw new IllegalArgumentException("negatives are for one class of an example, its input is " + input
                    + "; put mean-over-time before it");
        }
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
