package dev.lockstep.worker.step;

import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.Dl4jModel;
import dev.lockstep.worker.dl4j.TrainableDl4jModel;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.model.AverageOver;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.GradientChunks;
import dev.lockstep.worker.model.GradientNorms;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.TrainableModel;
import dev.lockstep.worker.model.TrainableModel.Learnt;
import dev.lockstep.worker.model.TrainableModel.StatePiece;
import dev.lockstep.worker.model.objective.Metrics;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.tally.Tally;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One network in one task: computes the gradient of a shard, or takes the optimizer step with a summed gradient.
 * Everything that it computes depends on what it is given alone, so any replica can stand in for any other. Holds
 * native memory; not for several threads at once, but for several one after the other.
 */
public final class Replica {
    private static final int LEAST_SHARED = 1 << 14;

    private final NetworkDefinition definition;
    private final SeedLaw seeds;
    private final TrainableModel model;
    private final ParameterLayout layout;
    private final GradientChunks chunks;
    private final BatchReader reader;
    private final float[] carried; // the states that go from one batch to the next, [streams][...]
    private final Map<Integer, Deque<float[]>> spare = new HashMap<>();
    private String arithmetic;
    private String noNumber = ""; // where one first was, with these parameters, if a loss was none

    private record Kind(NetworkDefinition network, SeedLaw seeds, String kernels) {}

    private static final Pool<Kind, Replica> IDLE = new Pool<>(kind -> new Replica(kind.network(), kind.seeds()));

    /**
     * Runs work with an idle replica of this JVM, or a new one. The work must set the parameters (and the optimizer's
     * state, where it steps): what is in the replica is another task's.
     */
    public static <R> R with(NetworkDefinition network, SeedLaw seeds, Function<Replica, R> work) {
        return IDLE.with(new Kind(network, seeds, Dl4jModel.kernelsHere()), work);
    }

    public Replica(NetworkDefinition definition, SeedLaw seeds) {
        this.definition = definition;
        this.seeds = seeds;
        this.model = TrainableDl4jModel.of(definition, seeds.seed(Purpose.INITIAL_WEIGHTS));
        this.layout = model.layout();
        this.chunks = new GradientChunks(layout);
        this.carried = new float[definition.carriedValues()];
        this.reader = new BatchReader(definition.format(), definition.input(), definition.classWeights());
    }

    /** The number of parameters, batch norm's running statistics included. */
    public int parameterCount() {
        return layout.length();
    }

    /**
     * What computes here, as far as it is part of the bits. To be asked before the parameters are set: the first time it
     * costs the gradient of two examples, with parameters of its own.
     */
    public String arithmetic() {
        if (arithmetic == null) {
            arithmetic = Arithmetic.of(this, definition);
        }
        return arithmetic;
    }

    void setSampleParameters() {
        setParameters(layout.sample());
    }

    /** What is looked at in every step, beside the loss. */
    public Metrics metrics() {
        return definition.whileLearning();
    }

    /** Whether not all examples count the same. */
    boolean isWeighted() {
        return definition.isWeighted();
    }

    /** The length of the optimizer's state, and of the states that go from one batch to the next, which follow it. */
    public int optimizerStateCount() {
        return model.optimizerStateCount() + carried.length;
    }

    /**
     * The length of a shard's contribution: its gradient, and behind it the states that its sequences end with, each at its stream's
     * place and 0 at all others'. So the sum over all shards holds all states.
     */
    public int contributionLength() {
        return parameterCount() + carried.length;
    }

    /** Whether sequences go on where those of the batch before ended. */
    public boolean carriesStates() {
        return carried.length > 0;
    }

    /** Lets the sequences of the next batch begin with 0. */
    public void forgetStates() {
        Arrays.fill(carried, 0);
    }

    /** The places, from 0, of the layers that learn by gradients. */
    int[] trainedLayers() {
        return layout.trainedLayers();
    }

    double learningRate(StepId id) {
        return model.learningRate(Math.toIntExact(id.step()), id.epoch());
    }

    /** Takes parameters over: float32 in the model's flat order, {@code [parameters]}. */
    public void setParameters(float[] values) {
        noNumber = "";
        model.setParameters(values);
    }

    public float[] parameters() {
        float[] values = new float[parameterCount()];
        model.readParameters(values, 0);
        return values;
    }

    /** Takes optimizer state over: float32 in the model's flat order, {@code [optimizerState]}; empty for plain SGD. */
    public void setOptimizerState(float[] values) {
        int own = model.optimizerStateCount();
        model.setOptimizerState(carriesStates() ? Arrays.copyOf(values, own) : values);
        System.arraycopy(values, own, carried, 0, carried.length);
    }

    /** Takes over parameters from {@code at} on. */
    public void setParameters(float[] values, int at) {
        noNumber = "";
        model.setParameters(values, at);
    }

    /**
     * Keeps the optimizer's state of those parameters alone that are stepped here, given with whom steps are taken from now on. What it
     * is at first is to be {@linkplain #takeOptimizerState given} before a step.
     */
    public void keepOptimizerState(Colleagues colleagues) {
        if (colleagues.isAlone()) {
            model.keepWholeOptimizerState();
        } else {
            model.keepOptimizerState(colleagues.own());
        }
    }

    /** Whether anything of elements {@code [from, to)} of the whole optimizer state is kept. */
    public boolean keepsOptimizerState(int from, int to) {
        return model.keepsOptimizerState(from, to) || to > model.optimizerStateCount();
    }

    /** Takes over what is kept of the whole optimizer state's elements from {@code at} on. */
    public void takeOptimizerState(float[] values, int at) {
        int learnt = Math.max(0, Math.min(values.length, model.optimizerStateCount() - at));
        if (learnt > 0) {
            model.takeOptimizerState(learnt == values.length ? values : Arrays.copyOf(values, learnt), at);
        }
        if (learnt < values.length) {
            int from = at + learnt - model.optimizerStateCount();
            System.arraycopy(values, learnt, carried, from, values.length - learnt);
        }
    }

    /** The states that go from one batch to the next, as the end of the whole optimizer state. */
    public StatePiece carriedStates() {
        return new StatePiece(model.optimizerStateCount(), carried.clone());
    }

    public float[] optimizerState() {
        float[] values = new float[optimizerStateCount()];
        readOptimizerState(values, 0);
        return values;
    }

    private void readOptimizerState(float[] into, int at) {
        model.readOptimizerState(into, at);
        System.arraycopy(carried, 0, into, at + model.optimizerStateCount(), carried.length);
    }

    /**
     * A shard's contribution to a step with the present parameters, which stay as they are.
     *
     * @param examples the shard's examples, packed, in the plan's order; at least one
     * @return the sum over the examples of their gradients (each loss's own, without regularisation, times its weight), as a
     *     leaf of the tree; in an array that is used again once {@link #recycle} is told of it
     */
    public PartialSum gradient(StepId id, int shard, List<byte[]> examples) {
        return gradient(id, shard, 0, examples, null);
    }

    /** Whether a contribution can be added to another at once; not where states come with it. */
    public boolean addsGradients() {
        return !carriesStates();
    }

    /**
     * @param from the place in the batch of the shard's first example
     * @param left what the tree adds the contribution to, which is done at once, in its array; null to have it alone
     */
    public PartialSum gradient(StepId id, int shard, int from, List<byte[]> examples, PartialSum left) {
        var batch = reader.read(
                examples, definition.augmentations(), seeds.seed(Purpose.AUGMENTATION, id.epoch(), id.step(), shard));
        if (definition.feeding().teacherForcing() < 1) {
            long forced = seeds.seed(Purpose.TEACHER_FORCING, id.epoch(), id.step(), shard);
            FreeRunning.feed(batch, definition.feeding().teacherForcing(), forced, model, definition.tokens());
        }
        float[] sum = left == null ? spare(contributionLength()) : left.gradient();
        // Running statistics are not summed and divided by the examples as gradients are: their change is the mean of
        // the shards' changes, weighted by examples, whatever those weigh: batch norm's means do not look at weights. A
        // shard alone in its batch keeps DL4J's own bits (weight exactly 1).
        float part = (float) ((double) examples.size() / id.examples());
        int state = carriesStates() ? carried.length / definition.feeding().streams() : 0;
        if (carriesStates()) {
            model.begin(Arrays.copyOfRange(carried, from * state, (from + examples.size()) * state));
        }
        if (definition.negatives() != null) {
            model.drawNegatives(seeds.seed(Purpose.NEGATIVES, id.epoch(), id.step(), shard));
        }
        int step = Math.toIntExact(id.step());
        long seed = seeds.seed(Purpose.DROPOUT, id.epoch(), id.step(), shard);
        Learnt learnt;
        if (left == null) {
            learnt = model.gradient(batch, step, id.epoch(), seed, sum);
            layout.scaleRunningStatistics(sum, part);
        } else {
            learnt = model.addGradient(batch, step, id.epoch(), seed, sum, part);
        }
        if (carriesStates()) {
            float[] ended = model.end();
            Arrays.fill(sum, parameterCount(), sum.length, 0);
            int most = Math.min(ended.length, carried.length - from * state); // a sample may be more than the streams
            System.arraycopy(ended, 0, sum, parameterCount() + from * state, most);
            model.begin(null);
        }
        noNumber = Double.isFinite(learnt.loss()) ? noNumber : NoNumber.said(model, definition, batch);
        double weight = definition.averageOver().weight(batch);
        double lossSum = model.sumsLosses()
                ? share(learnt.loss(), penalty(), (double) examples.size() / id.examples()) * id.examples()
                : learnt.loss() * weight;
        if (definition.averageOver() == AverageOver.TOKENS) { // what regularisation adds to a mean stays as it is
            double penalty = model.penalty();
            lossSum = (learnt.loss() - penalty) * batch.weight() + penalty * weight;
        }
        Tally tally = Tally.of(examples.size(), weight, lossSum, learnt.metrics());
        return left == null
                ? new PartialSum(new Span(shard, shard + 1), sum, tally)
                : new PartialSum(
                        new Span(left.span().from(), shard + 1),
                        sum,
                        left.tally().plus(tally));
    }

    /** What regularisation adds to a loss with the present parameters; 0 unless {@link #share} asks for it. */
    double penalty() {
        return model.sumsLosses() ? model.penalty() : 0;
    }

    /**
     * What a shard's loss counts for in the loss of a step, which is their sum: a mean by the shard's part of the examples,
     * and a sum, as of {@code miniBatch(false)}, whole but for the penalty, which is in every shard's.
     */
    double share(double loss, double penalty, double part) {
        return model.sumsLosses() ? loss - penalty + part * penalty : loss * part;
    }

    /** Takes back a sum that was computed here and that nobody reads any more: its array is used again. */
    public void recycle(PartialSum spent) {
        recycle(spent.gradient());
    }

    private void recycle(float[] array) {
        spare.computeIfAbsent(array.length, length -> new ArrayDeque<>()).push(array);
    }

    /** An array that was recycled, with any values in it, or a new one. */
    float[] spare(int length) {
        Deque<float[]> arrays = spare.get(length);
        return arrays == null || arrays.isEmpty() ? new float[length] : arrays.pop();
    }

    /** Writes parameters and optimizer state, one after the other, to the beginning of an array. */
    void readModel(float[] into) {
        model.readParameters(into, 0);
        readOptimizerState(into, parameterCount());
    }

    /**
     * Takes one optimizer step in place: parameters and optimizer state change as DL4J's {@code fit} changes them.
     *
     * @param sum over all examples of the step's batch
     * @throws DivergenceException when the loss or the gradient is not finite; nothing has changed then
     */
    public StepMetrics step(StepId id, PartialSum sum) {
        return step(id, sum, Colleagues.NONE);
    }

    /**
     * The same, of all who hold equal replicas and are given the same sum.
     *
     * @param colleagues with whom the caller shares the step
     */
    public StepMetrics step(StepId id, PartialSum sum, Colleagues colleagues) {
        if (sum.examples() != id.examples()) {
            throw new IllegalArgumentException(
                    "step " + id.step() + " is over " + id.examples() + " examples, the sum holds " + sum.examples());
        }
        GradientNorms agreed = colleagues.norms();
        GradientNorms norms =
                agreed == null ? chunks.norms(sum.gradient(), definition.clipping(), sum.weight()) : agreed;
        StepMetrics metrics = metrics(id, sum.tally(), norms);
        NoNumber.refuse(metrics, norms, layout, noNumber);
        System.arraycopy(sum.gradient(), parameterCount(), carried, 0, carried.length);
        step(id, sum, norms, colleagues);
        return metrics;
    }

    private void step(StepId id, PartialSum sum, GradientNorms norms, Colleagues colleagues) {
        int step = Math.toIntExact(id.step());
        double weight = sum.weight();
        float[] whole = sum.gradient();
        if (colleagues.isAlone()) {
            boolean copied = clips() || carriesStates();
            float[] gradient = copied ? new float[parameterCount()] : whole;
            if (copied) {
                layout.clip(whole, definition.clipping(), norms, weight, 0, gradient.length, gradient);
            }
            model.step(gradient, weight, step, id.epoch());
            return;
        }
        float[] clipped = clips() ? spare(contributionLength()) : null; // the sum is others' to read, too
        colleagues.step(id.step(), (from, end) -> {
            int to = Math.min(end, parameterCount());
            if (from < to && clipped != null) {
                layout.clip(whole, definition.clipping(), norms, weight, from, to, clipped);
            }
            if (from < to) {
                model.step(clipped == null ? whole : clipped, weight, step, id.epoch(), from, to);
            }
        });
        if (clipped != null) {
            recycle(clipped);
        }
    }

    private boolean clips() {
        return !definition.clipping().equals(Clipping.NONE);
    }

    /** Whether colleagues had better share its steps; of a small model it takes longer to meet once more. */
    public boolean sharesSteps() {
        return parameterCount() >= LEAST_SHARED && model.stepsByElement();
    }

    /** What colleagues share. */
    public Elements elements() {
        return new ReplicaElements(model, chunks, definition.clipping(), carried);
    }

    private StepMetrics metrics(StepId id, Tally tally, GradientNorms norms) {
        Map<Integer, Double> ofLayers = new TreeMap<>(norms.squares());
        ofLayers.replaceAll((layer, square) -> Math.sqrt(square) / tally.weight());
        return new StepMetrics(
                id,
                tally.lossSum() / tally.weight(),
                metrics().figures(id.examples(), tally.metrics()),
                Math.sqrt(norms.square()) / tally.weight(),
                ofLayers,
                learningRate(id));
    }

    /** The network itself. */
    public TrainableModel model() {
        return model;
    }
}
