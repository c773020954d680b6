package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.dl4j.layer.ArrayMemory;
import dev.lockstep.worker.dl4j.layer.CarriedStates;
import dev.lockstep.worker.dl4j.layer.DroppedStates;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.dl4j.layer.SampledOutput;
import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.VectorLoops;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Distillation;
import dev.lockstep.worker.model.LayerKernel;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.ParameterRange;
import dev.lockstep.worker.model.TrainableModel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A network of DL4J's that learns, with our layers and optimizer in it: a step changes it as DL4J's {@code fit} does. */
public final class TrainableDl4jModel extends Dl4jModel implements TrainableModel {
    private final List<FastLayers.Choice> kernels;
    private final TeacherNetwork teacher; // null where there is none
    private final DistilledLoss distilled; // null where there is no teacher
    private final SampledOutput negatives; // null where it learns from all outputs
    private final MeasuredLoss measured;
    private final Gradient gradient;
    private final List<ParameterLayout.Block> frozen;
    private final SparseWeights sparse;
    private final DroppedStates dropped;
    private final CarriedStates states; // null where nothing goes on
    private int examples; // of the last gradient
    private final boolean byElement;
    private final List<OptimizerBlock> optimizer;
    private final int optimizerStateCount;
    /** Of the parameters whose optimizer's state alone is kept; null while the network has all of it. */
    private Map<ParameterRange, RangeStep> ranges;

    private final NetworkSpec spec; // null where DL4J's configuration alone knows the rate

    /**
     * A network of this definition, with its parameters before the first step.
     *
     * @param seed of the initial parameters, where the definition leaves it open
     */
    public static TrainableDl4jModel of(NetworkDefinition definition, long seed) {
        Network network = Networks.build(definition, seed);
        List<FastLayers.Choice> kernels = network.prepareForTraining();
        definition.frozen().forEach(name -> FastLayers.freeze(network.parts().get(name)));
        return new TrainableDl4jModel(network, kernels, definition);
    }

    private TrainableDl4jModel(Network network, List<FastLayers.Choice> kernels, NetworkDefinition definition) {
        super(network);
        this.kernels = kernels;
        Distillation distillation = definition.distillation();
        this.teacher = distillation == null ? null : new TeacherNetwork(distillation.teacher());
        this.distilled = distillation == null ? null : DistilledLoss.install(network, distillation);
        if (definition.reinforcement() != null) {
            network.wrapLoss(loss -> new ReinforcedLoss(definition.reinforcement()));
        }
        if (definition.negatives() == null) {
            this.negatives = null;
        } else {
            this.negatives = SampledOutput.install(network.outputLayer(), definition.negatives(), definition.classes());
            network.wrapLoss(loss -> new NegativeLoss());
        }
        this.measured = MeasuredLoss.install(network, definition.objective(), definition.whileLearning());
        this.gradient = gradientView(network);
        this.frozen = layout().blocks().stream()
                .filter(block -> definition.frozen().contains(block.node()))
                .toList();
        this.sparse = new SparseWeights(network, layout(), definition.sparse());
        int streams = definition.feeding().streams();
        this.states =
                streams == 0 ? null : new CarriedStates(network.parts().values(), definition.carriedValues() / streams);
        this.dropped = new DroppedStates(network.parts(), definition.recurrentDropout());
        synchronized (
                TrainableDl4jModel.class) { // of the replicas of a JVM one at a time has all of its state for this
            network.restoreOptimizer();
            this.byElement = frozen.isEmpty() && RangeStep.isPossible(network);
            this.optimizer = OptimizerBlock.of(network);
            INDArray state = network.optimizerState();
            this.optimizerStateCount = state == null ? 0 : Math.toIntExact(state.length());
            if (byElement) {
                network.dropOptimizer(); // until it is known whether all of it is kept
            }
        }
        this.spec = definition instanceof NetworkSpec ours ? ours : null;
    }

    /** DL4J's gradient object over the flat gradient array, by parameter, as a backward pass leaves it. */
    private Gradient gradientView(Network network) {
        INDArray flat = network.gradients();
        DefaultGradient view = new DefaultGradient(flat);
        for (ParameterLayout.Block block : layout().blocks()) {
            view.setGradientFor(nameOf(block), ArrayMemory.part(flat, block.from(), block.to()));
        }
        return view;
    }

    /** DL4J's name of a parameter's gradient. */
    private static String nameOf(ParameterLayout.Block block) {
        return block.node() + "_" + block.parameter();
    }

    @Override
    public void setParameters(float[] values) {
        super.setParameters(values);
        sparse.forget();
    }

    @Override
    public void setParameters(float[] values, int at) {
        FlatValues.write(network.parameters(), at, values, 0, values.length);
        sparse.forget();
    }

    @Override
    public void readParameters(float[] into, int at) {
        FlatValues.read(network.parameters(), into, at);
    }

    @Override
    public int optimizerStateCount() {
        return optimizerStateCount;
    }

    @Override
    public void setOptimizerState(float[] values) {
        INDArray state = wholeOptimizer().optimizerState();
        if (state != null) {
            FlatValues.write(state, values);
        }
    }

    @Override
    public void readOptimizerState(float[] into, int at) {
        INDArray state = knownOptimizer().optimizerState();
        if (state != null) {
            FlatValues.read(state, into, at);
        }
    }

    /** The same, where nothing of the state is lost by that. */
    private Network knownOptimizer() {
        if (ranges != null && optimizerStateCount > 0) {
            throw new IllegalStateException("the optimizer's state of some parameters alone is kept here");
        }
        return wholeOptimizer();
    }

    @Override
    public void keepWholeOptimizerState() {
        wholeOptimizer();
    }

    /** The network with all of its optimizer's state, which has not been set where that of ranges was kept. */
    private Network wholeOptimizer() {
        closeRanges();
        ranges = null;
        if (network.keptUpdater() == null) {
            network.restoreOptimizer();
        }
        return network;
    }

    @Override
    public Learnt gradient(Batch batch, int step, int epoch, long seed, float[] sum) {
        Learnt learnt = compute(batch, step, epoch, seed);
        FlatValues.read(network.gradients(), sum, 0);
        frozen.forEach(block -> Arrays.fill(sum, block.from(), block.to(), 0));
        sparse.maskGradient(sum);
        return learnt;
    }

    @Override
    public Learnt addGradient(Batch batch, int step, int epoch, long seed, float[] onto, float statistics) {
        Learnt learnt = compute(batch, step, epoch, seed);
        NativeFloats values = ArrayMemory.of(network.gradients());
        List<ParameterLayout.Block> all = layout().blocks();
        for (int i = 0, end; i < all.size(); i = end) { // neighbours that are added alike go together
            ParameterLayout.Block first = all.get(i);
            for (end = i + 1; end < all.size() && isAddedAs(first, all.get(end)); ) {
                end++;
            }
            if (!frozen.contains(first)) {
                int to = all.get(end - 1).to();
                VectorLoops.addTo(onto, values, first.from(), to, first.runningStatistics() ? statistics : 1);
            }
        }
        sparse.maskGradient(onto);
        return learnt;
    }

    private boolean isAddedAs(ParameterLayout.Block one, ParameterLayout.Block other) {
        return one.runningStatistics() == other.runningStatistics() && frozen.contains(one) == frozen.contains(other);
    }

    private Learnt compute(Batch batch, int step, int epoch, long seed) {
        Network network = toCompute();
        if (teacher != null) {
            distilled.teach(teacher.outputs(batch));
        }
        BatchArrays.Pair pair = arrays.of(batch);
        examples = batch.examples();
        network.setCounters(step, epoch);
        Nd4j.getRandom().setSeed(seed);
        dropped.draw(seed);
        measured.weigh(batch);
        double loss = network.computeGradient(pair.features(), pair.labels(), pair.mask(), pair.labelMask());
        return new Learnt(loss, measured.sums());
    }

    @Override
    public void drawNegatives(long seed) {
        negatives.draw(seed);
    }

    @Override
    public void begin(float[] from) {
        states.begin(from);
    }

    @Override
    public float[] end() {
        return states.end(examples);
    }

    @Override
    public void keepFrozen(float[] values) {
        for (ParameterLayout.Block block : frozen) {
            INDArray of = ArrayMemory.part(network.parameters(), block.from(), block.to());
            System.arraycopy(of.toFloatVector(), 0, values, block.from(), block.to() - block.from());
        }
    }

    @Override
    public boolean sumsLosses() {
        return network.sumsLosses();
    }

    @Override
    public double penalty() {
        return network.penalty();
    }

    @Override
    public void step(float[] sum, double weight, int step, int epoch) {
        toCompute();
        Network network = knownOptimizer();
        INDArray flat = network.gradients();
        FlatValues.write(flat, sum);
        network.setCounters(step, epoch);
        int divisor = (int) weight;
        if (divisor != weight) { // DL4J divides by a number of examples alone
            divideGradient(weight);
            divisor = 1;
        }
        network.updater().update(gradient, step, epoch, divisor, LayerWorkspaceMgr.noWorkspacesImmutable());
        frozen.forEach(
                block -> gradient.getGradientFor(nameOf(block)).assign(0)); // weights decay beside gradients, too
        network.parameters().subi(flat);
        sparse.forget();
        network.model().applyConstraints(step + 1, epoch);
    }

    @Override
    public boolean stepsByElement() {
        return byElement;
    }

    @Override
    public void step(float[] sum, double weight, int step, int epoch, int from, int to) {
        Network network = toCompute();
        FlatValues.write(network.gradients(), sum, from, to);
        network.setCounters(step, epoch);
        ranges.get(new ParameterRange(from, to)).take(weight, step, epoch);
        sparse.forget();
    }

    @Override
    public void takeParameters(TrainableModel equal, int from, int to) {
        FlatValues.copy(((TrainableDl4jModel) equal).network.parameters(), network.parameters(), from, to);
        sparse.forget();
    }

    @Override
    public void readParameters(float[] into, int from, int to) {
        FlatValues.read(network.parameters(), into, from, to);
    }

    @Override
    public void takeParameters(float[] values, int from, int to) {
        FlatValues.write(network.parameters(), values, from, to);
        sparse.forget();
    }

    @Override
    public void keepOptimizerState(List<ParameterRange> those) {
        if (ranges == null) {
            network.dropOptimizer();
        } else if (ranges.keySet().equals(Set.copyOf(those))) {
            return;
        }
        closeRanges();
        ranges = new HashMap<>();
        those.forEach(
                range -> ranges.put(range, new RangeStep(network, layout(), optimizer, range.from(), range.to())));
    }

    private void closeRanges() {
        if (ranges != null) {
            ranges.values().forEach(RangeStep::close);
        }
    }

    @Override
    public boolean keepsOptimizerState(int from, int to) {
        return ranges == null || ranges.values().stream().anyMatch(range -> range.keepsState(from, to));
    }

    @Override
    public void takeOptimizerState(float[] values, int at) {
        if (ranges == null) {
            FlatValues.write(wholeOptimizer().optimizerState(), at, values, 0, values.length);
        } else {
            ranges.values().forEach(range -> range.takeState(values, at));
        }
    }

    @Override
    public List<StatePiece> keptOptimizerState() {
        if (ranges != null) {
            return ranges.values().stream()
                    .flatMap(range -> range.state().stream())
                    .toList();
        }
        INDArray state = wholeOptimizer().optimizerState();
        return state == null ? List.of() : List.of(new StatePiece(0, FlatValues.read(state)));
    }

    /** As DL4J divides it by the examples of a batch: what is no gradient stays. */
    private void divideGradient(double divisor) {
        for (ParameterLayout.Block block : layout().blocks()) {
            if (!block.runningStatistics()) {
                gradient.getGradientFor(nameOf(block)).divi(divisor);
            }
        }
    }

    @Override
    public double learningRate(int step, int epoch) {
        return spec == null ? network.learningRate(step, epoch) : spec.learningRate(step);
    }

    @Override
    public List<LayerKernel> kernels() {
        return kernels.stream().map(FastLayers.Choice::counted).toList();
    }

    @Override
    public void close() {
        super.close();
        closeRanges();
        if (teacher != null) {
            teacher.close();
        }
    }
}
