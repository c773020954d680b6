package dev.lockstep.worker.step;

import static dev.lockstep.worker.model.CourseNetworks.dense;
import static dev.lockstep.worker.model.CourseNetworks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Rnn;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.tally.Tally;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A step that is not finite changes nothing, and says where that began. */
class DivergenceTest {
    private static final SeedLaw SEEDS = new SeedLaw(7);

    @Test
    void aDivergedStepIsNotApplied() {
        NetworkSpec spec = CourseNetworks.of(
                Shape.vector(6),
                List.of(new BatchNorm(0.9, 1e-5), dense(5), softmax(3)),
                new Adam(0.125, 0.9, 0.999, 1e-7));
        Replica replica = new Replica(spec, SEEDS);
        StepId id = new StepId(17, 2, 8);
        List<byte[]> examples = Examples.random(Shape.vector(6), 3, 8, 1);
        replica.step(id, replica.gradient(id, 0, examples));
        float[] parameters = replica.parameters();
        float[] state = replica.optimizerState();
        assertThat(state).isNotEqualTo(new float[state.length]);
        PartialSum good = replica.gradient(id, 0, examples);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (int at : new int[] {0, 15, 20, 30, good.gradient().length - 1}) { // 12 to 23: running statistics
                float[] gradient = good.gradient().clone();
                gradient[at] = bad;
                PartialSum sum = new PartialSum(
                        good.span(), gradient, Tally.of(8, 8, good.tally().lossSum(), new double[] {1}));
                assertDiverges(replica, id, sum, parameters, state);
            }
            assertDiverges(
                    replica,
                    id,
                    new PartialSum(good.span(), good.gradient().clone(), Tally.of(8, 8, bad, new double[] {1})),
                    parameters,
                    state);
        }
        replica.step(id, good); // and it goes on
        assertThat(replica.parameters()).isNotEqualTo(parameters);
    }

    private static void assertDiverges(Replica replica, StepId id, PartialSum sum, float[] parameters, float[] state) {
        assertThatThrownBy(() -> replica.step(id, sum))
                .isInstanceOf(DivergenceException.class)
                .hasMessageStartingWith("training diverged at step 17 (epoch 2): loss ")
                .hasMessageEndingWith("; the step was not applied; try a smaller optimizer.learning-rate than 0.125");
        assertThat(replica.parameters()).isEqualTo(parameters);
        assertThat(replica.optimizerState()).isEqualTo(state);
    }

    @Test
    void whatFirstIsNoNumberIsNamed() {
        NetworkSpec plain = new NetworkSpec(
                Shape.sequence(2),
                List.of(
                        new Dense(3, ActivationFunction.IDENTITY),
                        new Rnn(3, ActivationFunction.IDENTITY, null),
                        new Output(2, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                new WeightInit.Gauss(0.5),
                new Sgd(0.1),
                0,
                0);
        NetworkSpec spec = plain.of(new ExampleFormat(ExampleFormat.Element.FLOAT, plain.input(), plain.target()));
        Replica replica = new Replica(spec, SEEDS);
        float[] parameters = new float[replica.parameterCount()];
        Arrays.fill(parameters, 1e10f); // of steps of 1: 2e10 and 6e20, then 2e31 and what is above float32
        replica.setParameters(parameters);
        float[] ones = new float[2 * 5];
        Arrays.fill(ones, 1f);
        StepId id = new StepId(3, 0, 2);
        PartialSum sum = replica.gradient(
                id,
                0,
                List.of(
                        spec.format().pack(new float[2], new float[1]),
                        spec.format().pack(ones, new float[5])));
        assertThatThrownBy(() -> replica.step(id, sum))
                .isInstanceOf(DivergenceException.class)
                .hasMessageContaining(
                        "loss NaN, gradient norm NaN; the first that says no number is the layer '1' (rnn),"
                                + " at step 2 of a sequence; the step was not applied");
        float[] endless = sum.gradient().clone();
        Arrays.fill(endless, 0f);
        endless[0] = Float.POSITIVE_INFINITY;
        assertThatThrownBy(() -> replica.step(
                        id,
                        new PartialSum(
                                sum.span(),
                                endless,
                                Tally.of(2, 2, 1, sum.tally().metrics()))))
                .hasMessageContaining(
                        "; the layer nearest to the loss whose gradient is no number is '0'; the step was");
    }

    @Test
    void aHugeLearningRateDiverges() {
        NetworkSpec spec = CourseNetworks.of(
                Shape.vector(6),
                List.of(dense(5), new Output(3, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR)),
                new Momentum(1e12, 0.9));
        Replica replica = new Replica(spec, SEEDS);
        replica.setOptimizerState(new float[replica.optimizerState().length]);
        for (int step = 0; step < 20; step++) {
            StepId id = new StepId(step, 0, 8);
            PartialSum sum = replica.gradient(id, 0, Examples.random(Shape.vector(6), 3, 8, step));
            float[] parameters = replica.parameters();
            float[] state = replica.optimizerState();
            DivergenceException diverged = catchThrowableOfType(DivergenceException.class, () -> replica.step(id, sum));
            if (diverged != null) {
                assertThat(diverged).hasMessageContaining("at step " + step);
                assertThat(replica.parameters()).isEqualTo(parameters);
                assertThat(replica.optimizerState()).isEqualTo(state);
                return;
            }
        }
        throw new AssertionError("20 steps at a rate of 1e12 and still finite");
    }
}
