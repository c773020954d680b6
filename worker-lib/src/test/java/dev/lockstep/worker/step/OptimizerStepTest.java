package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.dl4j.Updaters;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.AdaDelta;
import dev.lockstep.worker.model.optimizer.AdaGrad;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.AdamW;
import dev.lockstep.worker.model.optimizer.Lamb;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.model.optimizer.Nesterov;
import dev.lockstep.worker.model.optimizer.Optimizer;
import dev.lockstep.worker.model.optimizer.RmsProp;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.tally.Tally;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.IUpdater;

/** Every optimizer against the course's formulas, written out in double precision. */
class OptimizerStepTest {
    private static final String KERNELS = "lockstep.kernels";
    private static final int EXAMPLES = 4;

    @AfterEach
    void kernelsAsTheyWere() {
        System.clearProperty(KERNELS);
    }

    /** What the course does with one parameter: mean gradient and old value to new value; keeps its own state. */
    private interface Rule {
        double next(double w, double g, int t);
    }

    /** The same of one of a layer's arrays. */
    private interface ArrayRule {
        /** @param isWeights whether it is the layer's weights, and not its biases */
        void step(double[] w, double[] g, int t, boolean isWeights);
    }

    private record Case(String name, Optimizer optimizer, Supplier<ArrayRule> rule, int state) {
        static Case of(String name, Optimizer optimizer, Supplier<Rule> rule, int state) {
            return new Case(name, optimizer, () -> eachBy(rule), state);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                        Case.of("sgd", new Sgd(.1), () -> (w, g, t) -> w - .1 * g, 0),
                        Case.of("momentum", new Momentum(.1, .9), () -> momentum(.1, .9), 1),
                        Case.of("nesterov", new Nesterov(.1, .9), () -> nesterov(.1, .9), 1),
                        Case.of("adadelta", new AdaDelta(.95, 1e-6), () -> adadelta(.95, 1e-6), 2),
                        Case.of("adadelta, large epsilon", new AdaDelta(.8, .5), () -> adadelta(.8, .5), 2),
                        Case.of("adagrad", new AdaGrad(.1, 1e-7), () -> adagrad(.1, 1e-7), 1),
                        Case.of("adagrad, large epsilon", new AdaGrad(.1, .5), () -> adagrad(.1, .5), 1),
                        Case.of("rmsprop", new RmsProp(.01, .99, 1e-7), () -> rmsprop(.01, .99, 1e-7), 1),
                        Case.of("rmsprop, large epsilon", new RmsProp(.01, .8, .5), () -> rmsprop(.01, .8, .5), 1),
                        Case.of("adam", new Adam(.01, .9, .999, 1e-7), () -> adam(.01, .9, .999, 1e-7), 2),
                        Case.of("adam, large epsilon", new Adam(.01, .8, .9, .5), () -> adam(.01, .8, .9, .5), 2),
                        new Case("adamw", new AdamW(.01, .9, .999, 1e-8, .3), () -> adamW(.01, .9, .999, 1e-8, .3), 2),
                        new Case("lamb", new Lamb(.01, .9, .999, 1e-6, .3), () -> lamb(.01, .9, .999, 1e-6, .3), 2))
                .map(Arguments::of);
    }

    /** Each parameter for itself. */
    private static ArrayRule eachBy(Supplier<Rule> rule) {
        List<Rule> rules = Stream.generate(rule).limit(6).toList();
        return (w, g, t, isWeights) -> Arrays.setAll(w, i -> rules.get(i).next(w[i], g[i], t));
    }

    private static Rule momentum(double rate, double momentum) {
        double[] v = new double[1];
        return (w, g, t) -> w + (v[0] = momentum * v[0] - rate * g);
    }

    private static Rule nesterov(double rate, double momentum) {
        double[] v = new double[1];
        return (w, g, t) -> {
            double before = v[0];
            v[0] = momentum * before - rate * g;
            return w - momentum * before + (1 + momentum) * v[0];
        };
    }

    private static Rule adadelta(double decay, double epsilon) {
        double[] h = new double[1];
        double[] s = new double[1];
        return (w, g, t) -> {
            h[0] = decay * h[0] + (1 - decay) * g * g;
            double d = g * Math.sqrt(s[0] + epsilon) / Math.sqrt(h[0] + epsilon);
            s[0] = decay * s[0] + (1 - decay) * d * d;
            return w - d;
        };
    }

    private static Rule adagrad(double rate, double epsilon) {
        double[] h = new double[1];
        return (w, g, t) -> {
            h[0] += g * g;
            return w - rate * g / (Math.sqrt(h[0]) + epsilon);
        };
    }

    private static Rule rmsprop(double rate, double decay, double epsilon) {
        double[] h = new double[1];
        return (w, g, t) -> {
            h[0] = decay * h[0] + (1 - decay) * g * g;
            return w - rate * g / (Math.sqrt(h[0]) + epsilon);
        };
    }

    private static Rule adam(double rate, double beta1, double beta2, double epsilon) {
        double[] m = new double[1];
        double[] v = new double[1];
        return (w, g, t) -> {
            m[0] = beta1 * m[0] + (1 - beta1) * g;
            v[0] = beta2 * v[0] + (1 - beta2) * g * g;
            double folded = rate * Math.sqrt(1 - Math.pow(beta2, t)) / (1 - Math.pow(beta1, t));
            return w - folded * m[0] / (Math.sqrt(v[0]) + epsilon);
        };
    }

    private static ArrayRule adamW(double rate, double beta1, double beta2, double epsilon, double decay) {
        double[] m = new double[4];
        double[] v = new double[4];
        return (w, g, t, isWeights) -> Arrays.setAll(w, i -> {
            m[i] = beta1 * m[i] + (1 - beta1) * g[i];
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
            double direction = m[i] / (1 - Math.pow(beta1, t)) / (Math.sqrt(v[i] / (1 - Math.pow(beta2, t))) + epsilon);
            return w[i] - rate * (direction + (isWeights ? decay * w[i] : 0));
        });
    }

    private static ArrayRule lamb(double rate, double beta1, double beta2, double epsilon, double decay) {
        ArrayRule direction = adamW(1, beta1, beta2, epsilon, decay);
        return (w, g, t, isWeights) -> {
            double[] moved = w.clone();
            direction.step(moved, g, t, isWeights);
            double ofW = 0;
            double ofU = 0;
            for (int i = 0; i < w.length; i++) {
                ofW += w[i] * w[i];
                ofU += (w[i] - moved[i]) * (w[i] - moved[i]);
            }
            double ratio = ofW == 0 || ofU == 0 ? 1 : Math.sqrt(ofW / ofU);
            Arrays.setAll(w, i -> w[i] - rate * ratio * (w[i] - moved[i]));
        };
    }

    /** Sums over four examples: ordinary, small, changing sign, zero at first, zero throughout, large. */
    private static final float[][] GRADIENTS = {
        {.4f, 4e-4f, 2f, 0f, 0f, 80f},
        {.8f, -8e-4f, -2f, 0f, 0f, 40f},
        {-1.2f, 4e-5f, 1f, 3f, 0f, -120f},
        {.2f, 2e-3f, -4f, -.5f, 0f, 4f},
        {.4f, -4e-4f, .04f, 1f, 0f, 8f}
    };

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void fiveStepsFromNothing(Case of) {
        Replica replica = replica(of.optimizer());
        float[] start = {.5f, -.25f, 0f, 1f, -1f, .125f};
        replica.setParameters(start);
        assertThat(replica.optimizerState()).hasSize(6 * of.state());
        replica.setOptimizerState(new float[6 * of.state()]);
        double[] weights = {start[0], start[1], start[2], start[3]}; // W [2, 2], b [2]
        double[] biases = {start[4], start[5]};
        ArrayRule ofWeights = of.rule().get();
        ArrayRule ofBiases = of.rule().get();
        for (int step = 0; step < 5; step++) {
            replica.step(new StepId(step, 0, EXAMPLES), sum(GRADIENTS[step]));
            float[] actual = replica.parameters();
            ofWeights.step(weights, means(step, 0, 4), step + 1, true);
            ofBiases.step(biases, means(step, 4, 6), step + 1, false);
            for (int i = 0; i < 6; i++) {
                double expected = i < 4 ? weights[i] : biases[i - 4];
                assertThat((double) actual[i])
                        .as("step %d, parameter %d", step, i)
                        .isCloseTo(expected, within(1e-6 * Math.max(1, Math.abs(expected))));
            }
        }
        assertThat(replica.parameters()[4]).isEqualTo(-1f); // never a gradient, never a step: 0 / (0 + epsilon) is 0
    }

    private static double[] means(int step, int from, int to) {
        return IntStream.range(from, to)
                .mapToDouble(i -> (double) GRADIENTS[step][i] / EXAMPLES)
                .toArray();
    }

    /** Adam's correction counts the run's steps, so a resumed run goes on where it stopped. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void goesOnInAnotherReplica(Case of) {
        Replica one = replica(of.optimizer());
        one.setOptimizerState(new float[6 * of.state()]);
        Replica other = replica(of.optimizer());
        other.step(new StepId(17, 3, EXAMPLES), sum(GRADIENTS[3])); // something else before
        for (int step = 0; step < 5; step++) {
            if (step == 3) {
                other.setParameters(one.parameters());
                other.setOptimizerState(one.optimizerState());
            }
            one.step(new StepId(step, step / 2, EXAMPLES), sum(GRADIENTS[step]));
            if (step >= 3) {
                other.step(new StepId(step, step / 2, EXAMPLES), sum(GRADIENTS[step]));
            }
        }
        assertThat(other.parameters()).isEqualTo(one.parameters());
        assertThat(other.optimizerState()).isEqualTo(one.optimizerState());
    }

    /** L2 adds lambda w to the gradient, L1 lambda sign(w) with sign(0) = 0, Elastic Net both; biases get neither. */
    @ParameterizedTest
    @CsvSource({"0, 0", "0, 0.1", "0.05, 0", "0.05, 0.1"})
    void regularisationIsInTheGradient(double l1, double l2) {
        float[] start = {.5f, -.25f, 0f, 1f, -1f, .125f};
        for (Optimizer optimizer : List.of(new Sgd(.1), new RmsProp(.01, .9, 1e-3))) {
            Replica replica = new Replica(spec(optimizer, l1, l2), new SeedLaw(1));
            replica.setParameters(start);
            replica.setOptimizerState(new float[replica.optimizerState().length]);
            replica.step(new StepId(0, 0, EXAMPLES), sum(GRADIENTS[0]));
            float[] actual = replica.parameters();
            for (int i = 0; i < 6; i++) {
                boolean bias = i >= 4; // W [2, 2], b [2]
                double g = GRADIENTS[0][i] / EXAMPLES + (bias ? 0 : l2 * start[i] + l1 * Math.signum(start[i]));
                Rule rule = optimizer instanceof Sgd ? (w, gradient, t) -> w - .1 * gradient : rmsprop(.01, .9, 1e-3);
                assertThat((double) actual[i])
                        .as("%s, parameter %d", optimizer, i)
                        .isCloseTo(rule.next(start[i], g, 1), within(1e-6));
            }
        }
    }

    @Test
    void regularisationSparesBatchNormAndTheConvolutionsBiases() {
        NetworkSpec spec = new NetworkSpec(
                new Shape(1, 4, 4),
                List.of(
                        new Convolution(2, 3, 1, 0, ActivationFunction.IDENTITY),
                        new BatchNorm(.9, 1e-5),
                        new Output(2, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                new WeightInit.He(),
                new Sgd(1),
                .25,
                .5);
        Replica replica = new Replica(spec, new SeedLaw(1));
        float[] start = new float[replica.parameterCount()];
        Arrays.fill(start, 1f);
        replica.setParameters(start);
        replica.step(
                new StepId(0, 0, 1),
                new PartialSum(new Span(0, 1), new float[start.length], Tally.of(1, 1, 0, new double[] {0})));
        float[] after = replica.parameters();
        // b [2], W [2, 1, 3, 3], gamma [2], beta [2], mean [2], variance [2], W [8, 2], b [2]
        for (int i = 0; i < after.length; i++) {
            boolean weight = (i >= 2 && i < 20) || (i >= 28 && i < 44);
            assertThat(after[i]).as("parameter %d", i).isEqualTo(weight ? .25f : 1f);
        }
    }

    /** The loss that is shown holds lambda sum |w| and lambda / 2 sum w^2 once, however many shards there are. */
    @Test
    void regularisationIsInTheLossOnce() {
        float[] parameters = {.5f, -.25f, 0f, 1f, -1f, .125f};
        List<byte[]> examples = Examples.random(Shape.vector(2), 2, 7, 1);
        StepId id = new StepId(0, 0, 7);
        double[] losses = new double[2];
        for (int regularised = 0; regularised < 2; regularised++) {
            Replica replica = new Replica(spec(new Sgd(.1), regularised * .05, regularised * .1), new SeedLaw(1));
            replica.setParameters(parameters);
            PartialSum left = replica.gradient(id, 0, examples.subList(0, 3));
            PartialSum right = replica.gradient(id, 1, examples.subList(3, 7));
            PartialSum sum = new ReductionTree(2).combine(List.of(left, right));
            losses[regularised] = replica.step(id, sum).loss();
        }
        double l1 = .05 * (.5 + .25 + 1);
        double l2 = .1 / 2 * (.25 + .0625 + 1);
        assertThat(losses[1] - losses[0]).isCloseTo(l1 + l2, within(1e-6));
    }

    /** Every optimizer that has a rate follows the schedule: as if each step were taken at that step's rate. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theScheduleSetsTheRateOfEachStep(Case of) throws ReflectiveOperationException {
        if (of.optimizer() instanceof AdaDelta) {
            return;
        }
        Schedule halves = new Schedule(Schedule.Decay.STEP, .5, 2, 1, 1);
        Replica replica = new Replica(spec(of.optimizer(), 0, 0).with(halves), new SeedLaw(1));
        replica.setOptimizerState(new float[6 * of.state()]);
        double[] rates = {1, 1, 1, .5, .5};
        for (int step = 0; step < 5; step++) {
            Replica atThisRate = replica(scaled(of.optimizer(), rates[step]));
            atThisRate.setParameters(replica.parameters());
            atThisRate.setOptimizerState(replica.optimizerState());
            StepMetrics metrics = replica.step(new StepId(step, 0, EXAMPLES), sum(GRADIENTS[step]));
            atThisRate.step(new StepId(step, 0, EXAMPLES), sum(GRADIENTS[step]));
            assertThat(replica.parameters()).isEqualTo(atThisRate.parameters());
            assertThat(metrics.learningRate()).isEqualTo(of.optimizer().learningRate() * rates[step]);
        }
        assertThat(replica.parameters()).isNotEqualTo(new float[6]);
    }

    /** What is told is the definition's rate, what is done is DL4J's: the same bits. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theRateThatIsToldIsDl4js(Case of) {
        List<Schedule> schedules = of.optimizer() instanceof AdaDelta
                ? List.of(Schedule.CONSTANT)
                : List.of(
                        Schedule.CONSTANT,
                        new Schedule(Schedule.Decay.NONE, 1, 1, 3, 1),
                        new Schedule(Schedule.Decay.NONE, 1, 1, 0, .3),
                        new Schedule(Schedule.Decay.STEP, .7, 2, 1, 1),
                        new Schedule(Schedule.Decay.EXPONENTIAL, .7, 3, 0, .9),
                        new Schedule(Schedule.Decay.COSINE, .1, 5, 2, 1));
        for (Schedule schedule : schedules) {
            NetworkSpec spec = spec(of.optimizer(), 0, 0).with(schedule);
            Network network = Networks.build(spec, 1);
            for (int step = 0; step < 9; step++) {
                assertThat(spec.learningRate(step))
                        .as("%s, step %d", schedule, step)
                        .isEqualTo(network.learningRate(step, 0));
            }
            network.close();
        }
    }

    static Stream<Arguments> casesAndKernels() {
        return cases().flatMap(of -> Stream.of("on", "off").map(kernels -> Arguments.of(of.get()[0], kernels)));
    }

    /** A cosine that ends at 0 after two steps: from there on only velocities move weights, bit for bit. */
    @ParameterizedTest(name = "{0}, kernels {1}")
    @MethodSource("casesAndKernels")
    void atRateZeroTheFormulaSaysWhatMoves(Case of, String kernels) {
        System.setProperty(KERNELS, kernels);
        Schedule ends = new Schedule(Schedule.Decay.COSINE, 0, 2, 0, 1);
        boolean coasts = of.optimizer() instanceof Momentum || of.optimizer() instanceof Nesterov;
        boolean noRate = of.optimizer() instanceof AdaDelta;
        NetworkSpec plain = spec(of.optimizer(), 0, 0);
        Replica replica = new Replica(noRate ? plain : plain.with(ends), new SeedLaw(1));
        float[] start = {.5f, -.25f, 0f, 1f, -1f, .125f};
        replica.setParameters(start);
        replica.setOptimizerState(new float[6 * of.state()]);
        replica.step(new StepId(0, 0, EXAMPLES), sum(GRADIENTS[0]));
        replica.step(new StepId(1, 0, EXAMPLES), sum(GRADIENTS[1]));
        for (int step = 2; step < 5; step++) {
            float[] before = replica.parameters();
            float[] state = replica.optimizerState();
            StepMetrics metrics = replica.step(new StepId(step, 0, EXAMPLES), sum(GRADIENTS[step]));
            float[] after = replica.parameters();
            for (int i = 0; i < 6; i++) {
                double velocity = coasts ? .9 * state[i] : 0;
                double moved = of.optimizer() instanceof Nesterov ? .9 * velocity : velocity;
                if (coasts) {
                    assertThat((double) after[i]).isCloseTo(before[i] + moved, within(1e-6));
                    assertThat((double) replica.optimizerState()[i]).isCloseTo(velocity, within(1e-6));
                } else if (!noRate) {
                    assertThat(after[i]).as("step %d, parameter %d", step, i).isEqualTo(before[i]);
                }
            }
            assertThat(metrics.learningRate()).isEqualTo(noRate ? 1 : 0);
            if (of.state() > 0) {
                assertThat(replica.optimizerState()).isNotEqualTo(state);
            }
            assertThat(after).isNotEqualTo(noRate || coasts ? before : start);
        }
    }

    /** Rates that float32, or Adam's folded rate, rounds to 0. */
    @ParameterizedTest(name = "{0}, kernels {1}")
    @CsvSource({"1e-60, on", "1e-60, off", "2e-45, on", "2e-45, off"})
    void aRateThatUnderflowsIsZero(double rate, String kernels) {
        System.setProperty(KERNELS, kernels);
        for (Optimizer optimizer : List.of(
                new Sgd(rate), new AdaGrad(rate, .5), new RmsProp(rate, .8, .5), new Adam(rate, .9, .999, .5))) {
            Replica replica = replica(optimizer);
            float[] start = {.5f, -.25f, .3f, 1f, -1f, .125f};
            replica.setParameters(start);
            replica.setOptimizerState(new float[replica.optimizerStateCount()]);
            replica.step(new StepId(0, 0, EXAMPLES), sum(GRADIENTS[0]));
            assertThat(replica.parameters()).as("%s", optimizer).isEqualTo(start);
        }
    }

    /** The same record with another rate. */
    private static Optimizer scaled(Optimizer of, double by) throws ReflectiveOperationException {
        RecordComponent[] components = of.getClass().getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = components[i].getAccessor().invoke(of);
            if (components[i].getName().equals("learningRate")) {
                values[i] = by * (double) values[i];
            }
        }
        return of.getClass().getDeclaredConstructor(types).newInstance(values);
    }

    /** A bound on each value, then one on the norm of the whole averaged gradient; the regularisation comes after. */
    @ParameterizedTest
    @CsvSource({"1, Infinity", "Infinity, .25", ".5, .25", "1000, 1000"})
    void aGradientIsClippedBeforeItIsUsed(double norm, double value) {
        NetworkSpec plain = spec(new Sgd(1), 0, .1);
        NetworkSpec clipped = new NetworkSpec(
                plain.input(),
                plain.nodes(),
                plain.weightInit(),
                plain.optimizer(),
                plain.l1(),
                plain.l2(),
                new Clipping(norm, value),
                Schedule.CONSTANT,
                List.of());
        Replica replica = new Replica(clipped, new SeedLaw(1));
        float[] start = {.5f, -.25f, 0f, 1f, -1f, .125f};
        replica.setParameters(start);
        PartialSum sum = sum(GRADIENTS[3]);
        StepMetrics metrics = replica.step(new StepId(0, 0, EXAMPLES), sum);
        double[] g = new double[6];
        double square = 0;
        double whole = 0;
        for (int i = 0; i < 6; i++) {
            double mean = GRADIENTS[3][i] / EXAMPLES;
            g[i] = Math.max(-value, Math.min(value, mean));
            square += g[i] * g[i];
            whole += mean * mean;
        }
        double scale = Math.min(1, norm / Math.sqrt(square));
        for (int i = 0; i < 6; i++) {
            double decay = i < 4 ? .1 * start[i] : 0;
            assertThat((double) replica.parameters()[i]).isCloseTo(start[i] - scale * g[i] - decay, within(1e-6));
        }
        assertThat(metrics.gradientNorm()).as("as it was").isCloseTo(Math.sqrt(whole), within(1e-6));
        assertThat(sum.gradient()).isEqualTo(GRADIENTS[3]);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void aSavedModelNamesOneThatDl4jHas(Case of) {
        assertThat(Updaters.stock(of.optimizer()).getClass().getPackage()).isEqualTo(IUpdater.class.getPackage());
    }

    private static PartialSum sum(float[] gradient) {
        return new PartialSum(new Span(0, 1), gradient.clone(), Tally.of(EXAMPLES, EXAMPLES, 1, new double[] {0}));
    }

    private static Replica replica(Optimizer optimizer) {
        return new Replica(spec(optimizer, 0, 0), new SeedLaw(1));
    }

    private static NetworkSpec spec(Optimizer optimizer, double l1, double l2) {
        return new NetworkSpec(
                Shape.vector(2),
                List.of(new Output(2, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                new WeightInit.He(),
                optimizer,
                l1,
                l2);
    }
}
