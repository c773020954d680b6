package dev.lockstep.worker.model;

import dev.lockstep.worker.model.objective.Objective;
import java.util.Locale;

/**
 * The losses a configuration can name, for one example with output y and target d over K units. A batch's loss is the
 * mean over its examples.
 */
public enum LossFunction {
    /** E = -sum over k of d_k log y_k, with y clipped to [1e-10, 1 - 1e-10] */
    CROSS_ENTROPY,
    /** E = -sum over k of (d_k log y_k + (1 - d_k) log(1 - y_k)), with y clipped to [1e-5, 1 - 1e-5] */
    BINARY_CROSS_ENTROPY,
    /** E = 1/2 sum over k of (y_k - d_k)^2; gradient y - d. (DL4J's own squared errors lack the 1/2 or divide by K.) */
    SQUARED_ERROR,
    /** E = sum over k of |y_k - d_k|; gradient sign(y - d). */
    ABSOLUTE_ERROR,
    /** E = sum over k of e^2 / 2 where |e| = |y_k - d_k| is at most 1, else |e| - 1/2 (Huber 1964); gradient e cut to [-1, 1]. */
    HUBER;

    /** The only activation that the loss is made for; null when any will do. */
    public ActivationFunction activation() {
        return switch (this) {
            case CROSS_ENTROPY -> ActivationFunction.SOFTMAX;
            case BINARY_CROSS_ENTROPY -> ActivationFunction.SIGMOID;
            case SQUARED_ERROR, ABSOLUTE_ERROR, HUBER -> null;
        };
    }

    /** A layer's {@code loss}; the objective's usual one where none is given. */
    public static LossFunction read(Keys keys, Objective objective) {
        LossFunction usual =
                switch (objective) {
                    case CLASSIFICATION -> CROSS_ENTROPY;
                    case MULTI_LABEL -> BINARY_CROSS_ENTROPY;
                    case REGRESSION -> SQUARED_ERROR;
                };
        LossFunction loss = keys.choice("loss", usual, LossFunction.class);
        if (!loss.isFor(objective)) {
            keys.problem("loss", name(loss) + " is not for train.objective = " + objective.word());
            return usual;
        }
        return loss;
    }

    private boolean isFor(Objective objective) {
        return switch (this) {
            case CROSS_ENTROPY -> objective == Objective.CLASSIFICATION;
            case BINARY_CROSS_ENTROPY -> objective != Objective.REGRESSION;
            case SQUARED_ERROR, ABSOLUTE_ERROR, HUBER -> true;
        };
    }

    /** The {@code activation} of a layer with this loss. */
    public ActivationFunction readActivation(Keys keys) {
        return keys.choice(
                "activation",
                activation() == null ? ActivationFunction.IDENTITY : activation(),
                ActivationFunction.class);
    }

    /**
     * The shape of what it is computed on.
     *
     * @throws IllegalArgumentException when activation and loss do not go together
     */
    public Shape over(ActivationFunction activation, Shape output) {
        ActivationFunction needed = activation();
        if (needed != null && activation != needed) {
            throw new IllegalArgumentException(
                    name(this) + " needs the activation " + name(needed) + ", found " + name(activation));
        }
        if (activation == ActivationFunction.SOFTMAX && output.size() == 1) {
            throw new IllegalArgumentException("softmax needs at least 2 units: over 1 it is always 1");
        }
        return output;
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
