package dev.lockstep.worker.dl4j.updater;

import dev.lockstep.worker.dl4j.layer.ArrayMemory;
import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.model.optimizer.OwnOptimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.UpdaterBlock.ParamState;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * An optimizer of ours as a DL4J updater. State lies as DL4J's own does: for each run of layers with equal updaters, one
 * slot of all their parameters behind the other.
 */
public final class HostedUpdater implements IUpdater {
    private static final long serialVersionUID = 1L;
    private static final String STATE = "state";

    private final OwnOptimizer optimizer;
    private double learningRate;
    private ISchedule schedule;

    public HostedUpdater(OwnOptimizer optimizer) {
        this.optimizer = optimizer;
        this.learningRate = optimizer.learningRate();
    }

    /** Tells an optimizer of ours where the parameters of its layers are. */
    public static void place(UpdaterBlock block) {
        if (block.getGradientUpdater() instanceof Step step) {
            List<Place> places = new ArrayList<>();
            for (ParamState of : block.getLayersAndVariablesInBlock()) {
                boolean weight = of.getLayer().getConfig() instanceof org.deeplearning4j.nn.conf.layers.Layer layer
                        && layer.initializer().isWeightParam(layer, of.getParamName());
                places.add(new Place(
                        of.getParamOffsetStart() - block.getParamOffsetStart(),
                        of.getParamOffsetEnd() - block.getParamOffsetStart(),
                        of.getParamView(),
                        weight));
            }
            step.places = places;
        }
    }

    /** Whether an updater is one of ours whose steps are of each element by itself. */
    public static boolean isElementWise(GradientUpdater<?> updater) {
        return updater instanceof Step step && step.getConfig().optimizer.isElementWise();
    }

    /**
     * Where in its block a parameter is.
     *
     * @param array its values; null when nobody knows
     */
    private record Place(long from, long to, INDArray array, boolean isWeight) {
        long length() {
            return to - from;
        }

        NativeFloats memory() {
            return array == null ? null : ArrayMemory.of(array);
        }
    }

    @Override
    public long stateSize(long parameters) {
        return optimizer.slots() * parameters;
    }

    @Override
    public GradientUpdater<HostedUpdater> instantiate(INDArray view, boolean initialize) {
        Step step = new Step();
        step.setStateViewArray(view, view.shape(), view.ordering(), initialize);
        return step;
    }

    @Override
    public GradientUpdater<HostedUpdater> instantiate(Map<String, INDArray> state, boolean initialize) {
        Step step = new Step();
        step.setState(state, initialize);
        return step;
    }

    @Override
    public double getLearningRate(int iteration, int epoch) {
        return schedule == null ? learningRate : schedule.valueAt(iteration, epoch);
    }

    @Override
    public boolean hasLearningRate() {
        return optimizer.hasLearningRate();
    }

    @Override
    public void setLrAndSchedule(double rate, ISchedule rates) {
        learningRate = rate;
        schedule = rates;
    }

    @Override
    public IUpdater clone() {
        HostedUpdater copy = new HostedUpdater(optimizer);
        copy.setLrAndSchedule(learningRate, schedule);
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostedUpdater that
                && that.optimizer.equals(optimizer)
                && that.learningRate == learningRate
                && Objects.equals(that.schedule, schedule);
    }

    @Override
    public int hashCode() {
        return optimizer.hashCode() * 31 + Double.hashCode(learningRate);
    }

    private final class Step implements GradientUpdater<HostedUpdater> {
        private INDArray state;
        private List<Place> places;

        @Override
        public HostedUpdater getConfig() {
            return HostedUpdater.this;
        }

        @Override
        public void setState(Map<String, INDArray> values, boolean initialize) {
            state = values.get(STATE);
        }

        @Override
        public Map<String, INDArray> getState() {
            return Map.of(STATE, state);
        }

        @Override
        public void setStateViewArray(INDArray view, long[] gradientShape, char order, boolean initialize) {
            if (initialize) {
                view.assign(0);
            }
            state = view;
        }

        @Override
        public void applyUpdater(INDArray gradient, int iteration, int epoch) {
            float rate = (float) getLearningRate(iteration, epoch);
            long length = gradient.length();
            List<Place> all = places == null ? List.of(new Place(0, length, null, true)) : places;
            for (Place place : all) {
                List<NativeFloats> slots = LongStream.range(0, optimizer.slots())
                        .mapToObj(slot -> ArrayMemory.of(state, slot * length + place.from(), place.length()))
                        .toList();
                optimizer.step(
                        new OwnOptimizer.Parameter(
                                ArrayMemory.of(gradient, place.from(), place.length()),
                                place.memory(),
                                slots,
                                place.isWeight()),
                        rate,
                        iteration);
            }
        }
    }
}
