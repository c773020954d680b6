package dev.lockstep.jobs.course;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.natives.Natives;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.seed.SplitMix64;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network of 2-10-1 learns d = 3 x0 + 2 x1, one example a step, by gradient descent. The examples are real numbers, not
 * a data set's bytes, so this is not a training run; each variant is one Spark task.
 *
 * @param from x is drawn evenly from [from, to)
 */
record Regression(String name, ActivationFunction activation, double from, double to, long seed)
        implements Serializable {
    static final int STEPS = 1000;
    private static final double LEARNING_RATE = 0.07;
    private static final int HIDDEN = 10;
    private static final int TESTS = 200;

    /**
     * How it went.
     *
     * @param losses of each step's example before the step, {@code [STEPS]}
     * @param testLoss the mean over examples it never saw, after the last step
     */
    record Outcome(String name, double[] losses, double testLoss) implements Serializable {
        Outcome {
            name = Stored.text(name);
            Stored.check(losses != null && losses.length == STEPS, "a regression has not the loss of each step");
        }

        /** The mean loss of the first 100 steps. */
        double firstLoss() {
            return Arrays.stream(losses, 0, 100).average().orElseThrow();
        }

        /** The mean loss of the last 100 steps. */
        double lastLoss() {
            return Arrays.stream(losses, STEPS - 100, STEPS).average().orElseThrow();
        }
    }

    Outcome run() {
        Natives.ready();
        SeedLaw seeds = new SeedLaw(seed);
        NetworkSpec spec = new NetworkSpec(
                Shape.vector(2),
                List.of(
                        new Dense(HIDDEN, activation),
                        new Output(1, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR)),
                new WeightInit.Gauss(1),
                new Sgd(LEARNING_RATE),
                0,
                0);
        MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(spec, seeds.seed(Purpose.INITIAL_WEIGHTS)));
        network.init();
        double[] losses = new double[STEPS];
        for (int step = 0; step < STEPS; step++) {
            float[] x = example(seeds, step);
            network.fit(row(x), row(target(x)));
            losses[step] = network.score();
        }
        double sum = 0;
        for (int test = 0; test < TESTS; test++) {
            float[] x = example(seeds, STEPS + test);
            double error = network.output(row(x)).getDouble(0) - target(x);
            sum += error * error / 2;
        }
        return new Outcome(name, losses, sum / TESTS);
    }

    private float[] example(SeedLaw seeds, int number) {
        float[] x = new float[2];
        for (int i = 0; i < x.length; i++) {
            double unit = new SplitMix64(seeds.seed(Purpose.SAMPLING, 0, number, i)).nextDouble();
            x[i] = (float) (from + (to - from) * unit);
        }
        return x;
    }

    private static float target(float[] x) {
        return 3 * x[0] + 2 * x[1];
    }

    private static INDArray row(float... values) {
        return Nd4j.createFromArray(new float[][] {values});
    }
}
