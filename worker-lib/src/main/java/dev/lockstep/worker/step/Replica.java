package dev.lockstep.worker.step;

import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.kernel.FastLayers;
import dev.lockstep.worker.kernel.NativeThreads;
import dev.lockstep.worker.network.FlatValues;
import dev.lockstep.worker.network.Network;
import dev.lockstep.worker.network.NetworkDefinition;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * One DL4J network in one task: computes the gradient of a shard, or takes the optimizer step with a summed gradient.
 * Everything that it computes depends on what it is given alone, so any replica can stand in for any other. Holds
 * native memory; not for several threads at once, but for several one after the other.
 */
public final class Replica {
    private final NetworkDefinition definition;
    private final SeedLaw seeds;
    private final Network network;
    private final List<FastLayers.Choice> kernels;
    private final BatchReader reader;
    private final HitCounter hits;
    private final Gradient gradient;
    private final ParameterLayout layout;
    private final Map<Integer, Deque<float[]>> spare = new HashMap<>();
    private String arithmetic;

    private record Kind(NetworkDefinition network, SeedLaw seeds, FastLayers.Mode mode) {}

    private static final Pool<Kind, Replica> IDLE = new Pool<>(kind -> new Replica(kind.network(), kind.seeds()));

    /**
     * Runs work with an idle replica of this JVM, or a new one. The work must set the parameters (and the optimizer's
     * state, where it steps): what is in the replica is another task's.
     */
    public static <R> R with(NetworkDefinition network, SeedLaw seeds, Function<Replica, R> work) {
        return IDLE.with(new Kind(network, seeds, FastLayers.mode()), work);
    }

    public Replica(NetworkDefinition definition, SeedLaw seeds) {
        NativeThreads.holdToOne();
        this.definition = definition;
        this.seeds = seeds;
        this.network = definition.build(seeds.seed(Purpose.INITIAL_WEIGHTS));
        this.kernels = network.prepareForTraining();
        this.reader = new BatchReader(definition);
        this.hits = HitCounter.install(network);
        this.gradient = gradientView(network);
        this.layout = new ParameterLayout(network);
    }

    /** The number of parameters, batch norm's running statistics included. */
    public int parameterCount() {
        return Math.toIntExact(network.parameters().length());
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

    /** The length of the optimizer's state. */
    public int optimizerStateCount() {
        INDArray state = network.optimizerState();
        return state == null ? 0 : Math.toIntExact(state.length());
    }

    /** The places, from 0, of the layers that learn by gradients. */
    int[] trainedLayers() {
        return layout.trainedLayers();
    }

    double learningRate(StepId id) {
        return network.learningRate(Math.toIntExact(id.step()), id.epoch());
    }

    /** Takes parameters over: float32 in DL4J's flat order, {@code [parameters]}. */
    public void setParameters(float[] values) {
        FlatValues.write(network.parameters(), values);
    }

    public float[] parameters() {
        return FlatValues.read(network.parameters());
    }

    /** Takes optimizer state over: float32 in DL4J's flat order, {@code [optimizerState]}; empty for plain SGD. */
    public void setOptimizerState(float[] values) {
        INDArray state = network.optimizerState();
        if (state != null) {
            FlatValues.write(state, values);
        }
    }

    public float[] optimizerState() {
        INDArray state = network.optimizerState();
        return state == null ? new float[0] : FlatValues.read(state);
    }

    /**
     * A shard's contribution to a step with the present parameters, which stay as they are.
     *
     * @param examples the shard's examples, packed, in the plan's order; at least one
     * @return the sum over the examples of their gradients (each loss's own, without regularisation), as a leaf of the
     *     tree; in an array that is used again once {@link #recycle} is told of it
     */
    public PartialSum gradient(StepId id, int shard, List<byte[]> examples) {
        NativeThreads.holdToOne();
        BatchReader.Batch batch = reader.read(
                examples, definition.augmentations(), seeds.seed(Purpose.AUGMENTATION, id.epoch(), id.step(), shard));
        network.setCounters(Math.toIntExact(id.step()), id.epoch());
        Nd4j.getRandom().setSeed(seeds.seed(Purpose.DROPOUT, id.epoch(), id.step(), shard));
        double loss = network.computeGradient(batch.features(), batch.labels());
        float[] sum = spare(parameterCount());
        FlatValues.read(network.gradients(), sum, 0);
        // Running statistics are not summed and divided by the examples as gradients are: their change is the mean of
        // the shards' changes, weighted by examples. A shard alone in its batch keeps DL4J's own bits (weight exactly
        // 1).
        layout.scaleRunningStatistics(sum, (float) ((double) examples.size() / id.examples()));
        double lossSum = network.sumsLosses()
                ? share(loss, penalty(), (double) examples.size() / id.examples()) * id.examples()
                : loss * examples.size();
        return new PartialSum(new Span(shard, shard + 1), sum, lossSum, hits.correct(), examples.size());
    }

    /** What regularisation adds to a loss with the present parameters; 0 unless {@link #share} asks for it. */
    double penalty() {
        return network.sumsLosses() ? network.penalty() : 0;
    }

    /**
     * What a shard's loss counts for in the loss of a step, which is their sum: a mean by the shard's part of the examples,
     * and a sum, as of {@code miniBatch(false)}, whole but for the penalty, which is in every shard's.
     */
    double share(double loss, double penalty, double part) {
        return network.sumsLosses() ? loss - penalty + part * penalty : loss * part;
    }

    /** Takes back a sum that was computed here and that nobody reads any more: its array is used again. */
    public void recycle(PartialSum spent) {
        spare.computeIfAbsent(spent.gradient().length, length -> new ArrayDeque<>())
                .push(spent.gradient());
    }

    /** An array that was recycled, with any values in it, or a new one. */
    float[] spare(int length) {
        Deque<float[]> arrays = spare.get(length);
        return arrays == null || arrays.isEmpty() ? new float[length] : arrays.pop();
    }

    /** Writes parameters and optimizer state, one after the other, to the beginning of an array. */
    void readModel(float[] into) {
        FlatValues.read(network.parameters(), into, 0);
        if (optimizerStateCount() > 0) {
            FlatValues.read(network.optimizerState(), into, parameterCount());
        }
    }

    /**
     * Takes one optimizer step in place: parameters and optimizer state change as DL4J's {@code fit} changes them.
     *
     * @param sum over all examples of the step's batch
     * @throws DivergenceException when the loss or the gradient is not finite; nothing has changed then
     */
    public StepMetrics step(StepId id, PartialSum sum) {
        if (sum.examples() != id.examples()) {
            throw new IllegalArgumentException(
                    "step " + id.step() + " is over " + id.examples() + " examples, the sum holds " + sum.examples());
        }
        StepMetrics metrics = metrics(id, sum);
        // A variance can overflow while batch norm still hides it from the loss and the gradient.
        boolean statistics = layout.runningStatisticsFinite(sum.gradient());
        if (!Double.isFinite(metrics.loss()) || !Double.isFinite(metrics.gradientNorm()) || !statistics) {
            throw new DivergenceException(
                    "training diverged at step " + id.step() + " (epoch " + id.epoch() + "): loss "
                            + metrics.loss() + ", gradient norm " + metrics.gradientNorm()
                            + (statistics ? "" : ", batch norm's statistics not finite")
                            + "; the step was not applied; try a smaller optimizer.learning-rate than "
                            + metrics.learningRate());
        }
        NativeThreads.holdToOne();
        INDArray flat = network.gradients();
        FlatValues.write(flat, layout.clipped(sum.gradient(), definition.clipping(), id.examples()));
        int iteration = Math.toIntExact(id.step());
        network.setCounters(iteration, id.epoch());
        network.updater()
                .update(gradient, iteration, id.epoch(), id.examples(), LayerWorkspaceMgr.noWorkspacesImmutable());
        network.parameters().subi(flat);
        network.model().applyConstraints(iteration + 1, id.epoch());
        return metrics;
    }

    private StepMetrics metrics(StepId id, PartialSum sum) {
        Map<Integer, Double> norms = layout.squaredNorms(sum.gradient());
        double total = norms.values().stream().mapToDouble(Double::doubleValue).sum();
        norms.replaceAll((layer, square) -> Math.sqrt(square) / id.examples());
        return new StepMetrics(
                id,
                sum.lossSum() / id.examples(),
                (double) sum.correct() / id.examples(),
                Math.sqrt(total) / id.examples(),
                norms,
                learningRate(id));
    }

    /** The network itself, for evaluation and saving; its layers are ours to change, not the caller's. */
    public Network network() {
        return network;
    }

    /** What computes each layer, and the counters of what it computed. */
    public List<FastLayers.Choice> kernels() {
        return kernels;
    }

    /** DL4J's gradient object over the flat gradient array, by parameter, as a backward pass leaves it. */
    private static Gradient gradientView(Network network) {
        INDArray flat = network.gradients();
        DefaultGradient view = new DefaultGradient(flat);
        long from = 0;
        for (Map.Entry<String, Trainable> part : network.parts().entrySet()) {
            for (var parameter : part.getValue().paramTable(false).entrySet()) {
                long to = from + parameter.getValue().length();
                view.setGradientFor(
                        part.getKey() + "_" + parameter.getKey(),
                        flat.get(NDArrayIndex.interval(0, 0, true), NDArrayIndex.interval(from, to)));
                from = to;
            }
        }
        return view;
    }
}
