package dev.lockstep.worker.dl4j.updater;

import dev.lockstep.worker.dl4j.layer.ArrayMemory;
import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.model.optimizer.OwnOptimizer;
import java.util.ArrayList;
import java.util.HashMap;
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
                        0,
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
     * The same optimizer for elements {@code [from, to)} of its gradient alone, with their part of its state.
     *
     * @param updater that {@link #isElementWise} names
     */
    public static GradientUpdater<?> ofRange(GradientUpdater<?> updater, long from, long to) {
        return ((Step) updater).ofRange(from, to);
    }

    /**
     * Where in its block a parameter is.
     *
     * @param array that its values are in, from a place on; null when nobody knows
     */
    private record Place(long from, long to, INDArray array, long start, boolean isWeight) {
        long length() {
            return to - from;
        }

        NativeFloats memory() {
            return array == null ? null : ArrayMemory.of(array, start, length());
        }

        /** What of it is in a range of the block, counted from there; null when nothing is. */
        Place in(long begin, long end) {
            long first = Math.max(from, begin);
            long last = Math.min(to, end);
            return first < last ? new Place(first - begin, last - begin, array, start + first - from, isWeight) : null;
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
        /** An array of each slot; null when the one of all, slot behind slot, is set and nobody has asked yet. */
        private List<INDArray> slots;

        private INDArray all;
        private List<Place> places;

        @Override
        public HostedUpdater getConfig() {
            return HostedUpdater.this;
        }

        @Override
        public void setState(Map<String, INDArray> values, boolean initialize) {
            all = values.get(STATE);
            slots = null;
        }

        @Override
        public Map<String, INDArray> getState() {
            Map<String, INDArray> state = new HashMap<>();
            if (all != null) {
                state.put(STATE, all);
            } else {
                for (int slot = 0; slot < slots.size(); slot++) {
                    state.put(STATE + slot, slots.get(slot));
                }
            }
            return state;
        }

        @Override
        public void setStateViewArray(INDArray view, long[] gradientShape, char order, boolean initialize) {
            if (initialize) {
                view.assign(0);
            }
            setState(Map.of(STATE, view), false);
        }

        private List<INDArray> slots(long length) {
            if (slots == null) {
                slots = LongStream.range(0, optimizer.slots())
                        .mapToObj(slot -> ArrayMemory.part(all, slot * length, (slot + 1) * length))
                        .toList();
            }
            return slots;
        }

        private Step ofRange(long from, long to) {
            Step part = new Step();
            long length = optimizer.slots() == 0 ? 0 : all.length() / optimizer.slots();
            part.slots = slots(length).stream()
                    .map(slot -> ArrayMemory.part(slot, from, to))
                    .toList();
            part.places = places.stream()
                    .map(place -> place.in(from, to))
                    .filter(Objects::nonNull)
                    .toList();
            return part;
        }

        @Override
        public void applyUpdater(INDArray gradient, int iteration, int epoch) {
            float rate = (float) getLearningRate(iteration, epoch);
            long length = gradient.length();
            List<Place> every = places == null ? List.of(new Place(0, length, null, 0, true)) : places;
            for (Place place : every) {
                List<NativeFloats> state = slots(length).stream()
                        .map(slot -> ArrayMemory.of(slot, place.from(), place.length()))
                        .toList();
                optimizer.step(
                        new OwnOptimizer.Parameter(
                                ArrayMemory.of(gradient, place.from(), place.length()),
                                place.memory(),
                                state,
                                place.isWeight()),
                        rate,
                        iteration);
            }
        }
    }
}
