package dev.lockstep.driver.dl4j;

import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Dl4jDefinition;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.Objective;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.DoubleConsumer;
import org.deeplearning4j.nn.layers.ocnn.OCNNOutputLayer;
import org.deeplearning4j.nn.layers.training.CenterLossOutputLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user's own network on the driver, while the cluster trains an epoch: takes the result over, and shows its listeners
 * each step as DL4J's {@code fit} would.
 */
final class FittedNetwork implements LoopListener {
    private static final Logger LOG = LoggerFactory.getLogger(FittedNetwork.class);

    private final Network network;
    private final int epoch;
    private final double scoreBefore;
    private final double sparkScoreBefore;
    private final DoubleConsumer sparkScore;
    private final Set<TrainingListener> listeners;
    private long[] inputShape;
    private int outputs;
    private int batch;

    /**
     * @param sparkScoreBefore the score of DL4J's Spark object
     * @param sparkScore sets it
     * @param more listeners besides the network's own
     * @throws ConfigurationException when the network's memory is gone
     */
    FittedNetwork(
            Network network, double sparkScoreBefore, DoubleConsumer sparkScore, Collection<TrainingListener> more) {
        if (network.parameters().wasClosed()) {
            throw new ConfigurationException("the network's parameters are closed: Spark closes what was broadcast, as"
                    + " calculateScore broadcasts them, when it cleans up; call network.params().data().setConstant(true)"
                    + " before");
        }
        // Spark 3.5 closes the values of a broadcast that it forgets. DL4J broadcasts this very array (calculateScore
        // and
        // others do); a constant one can't be closed, and nothing else asks for the mark.
        network.parameters().data().setConstant(true);
        this.network = network;
        this.epoch = network.epoch();
        this.scoreBefore = network.model().score();
        this.sparkScoreBefore = sparkScoreBefore;
        this.sparkScore = sparkScore;
        this.listeners = new LinkedHashSet<>(more);
        this.listeners.addAll(network.listeners());
    }

    /** The epochs that the network counted when this was made. */
    int epoch() {
        return epoch;
    }

    TrainingState state() {
        INDArray optimizer = network.optimizerState();
        return new TrainingState(
                network.iteration(),
                network.parameters().toFloatVector(),
                optimizer == null ? new float[0] : optimizer.toFloatVector());
    }

    /** The network without its counts of iterations and epochs: the same one, to the tasks, in each epoch. */
    NetworkDefinition definition(Shape values, int outputsOfExamples) {
        int iteration = network.iteration();
        network.setCounters(0, 0);
        String json = network.configurationJson();
        network.setCounters(iteration, epoch);
        return new Dl4jDefinition(
                json,
                values,
                outputsOfExamples,
                ExampleFormat.floats(values, outputsOfExamples),
                Objective.CLASSIFICATION);
    }

    /**
     * Lets the network answer to one example of zeros, so that what does not fit is told before tasks fail of it.
     *
     * @throws DataException when the network takes other examples than these
     */
    void requireFits(Shape values, int outputsOfExamples) {
        inputShape = values.isImage()
                ? new long[] {1, values.channels(), values.height(), values.width()}
                : new long[] {1, values.size()};
        outputs = outputsOfExamples;
        INDArray answer;
        try {
            answer = network.output(Nd4j.zeros(DataType.FLOAT, inputShape));
        } catch (RuntimeException e) {
            throw new DataException(
                    "the network does not take the RDD's examples, of " + values + " values: " + Excerpt.line(e), e);
        } finally {
            network.setBatch(null, null);
        }
        if (answer.rank() != 2 || answer.size(1) != outputs) {
            throw new DataException("the RDD's examples have " + outputs + " labels, but the network's output is "
                    + Arrays.toString(answer.shape()) + " for one example; expected [1, " + outputs + "]");
        }
    }

    /** For networks whose gradient over a batch is not the sum of those over its parts. */
    void warnOfWhatIsNoSum() {
        var output = network.outputLayer();
        if (output instanceof CenterLossOutputLayer || output instanceof OCNNOutputLayer) {
            LOG.warn(
                    "{} counts the examples of a batch; with several shards it counts in each shard by itself, which is not"
                            + " what one network would compute; shards(1) is",
                    output.getClass().getSimpleName());
        }
    }

    void begin() {
        listeners.forEach(listener -> listener.onEpochStart(network.model()));
    }

    @Override
    public void stepDone(StepReport step) {
        var id = step.metrics().id();
        int iteration = Math.toIntExact(id.step());
        sparkScore.accept(step.metrics().loss());
        network.setScore(step.metrics().loss());
        network.setCounters(iteration, id.epoch());
        batch = id.examples();
        network.setBatch(sized(inputShape), sized(1, outputs));
        listeners.forEach(listener -> listener.iterationDone(network.model(), iteration, id.epoch()));
    }

    /** As many rows as the batch, without memory for them; nobody shall take these values for the examples'. */
    private INDArray sized(long... row) {
        long[] shape = row.clone();
        shape[0] = batch;
        return Nd4j.create(Nd4j.createBuffer(new float[] {Float.NaN}), shape, new long[shape.length], 0);
    }

    /** Takes the epoch's result over. */
    void end(TrainingState end) {
        install(end);
        network.setCounters(Math.toIntExact(end.step()), epoch);
        network.setBatch(null, null);
        listeners.forEach(listener -> listener.onEpochEnd(network.model()));
    }

    /** Makes the network what it was in a state from before the epoch. */
    void putBack(TrainingState before) {
        install(before);
        network.setCounters(Math.toIntExact(before.step()), epoch);
        network.setScore(scoreBefore);
        sparkScore.accept(sparkScoreBefore);
        network.setBatch(null, null);
    }

    private void install(TrainingState state) {
        network.parameters().assign(Nd4j.createFromArray(state.parameters()));
        if (state.optimizer().length > 0) {
            network.optimizerState().assign(Nd4j.createFromArray(state.optimizer()));
        }
    }
}
