package dev.lockstep.worker.network;

import dev.lockstep.worker.kernel.TiledPass;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Classical momentum as a DL4J updater: v = momentum v - learningRate g; the update that DL4J subtracts is -v.
 * One value of state a parameter, v, from 0.
 */
public final class ClassicalMomentum implements IUpdater {
    private static final long serialVersionUID = 1L;
    private static final String VELOCITY = "V";

    private final double momentum;
    private double learningRate;
    private ISchedule schedule;

    /**
     * @param learningRate above 0
     * @param momentum in [0, 1)
     */
    public ClassicalMomentum(
            @JsonProperty("learningRate") double learningRate, @JsonProperty("momentum") double momentum) {
        this.learningRate = learningRate;
        this.momentum = momentum;
    }

    @Override
    public long stateSize(long numParams) {
        return numParams;
    }

    @Override
    public GradientUpdater<ClassicalMomentum> instantiate(INDArray viewArray, boolean initializeViewArray) {
        Step step = new Step();
        step.setStateViewArray(viewArray, viewArray.shape(), viewArray.ordering(), initializeViewArray);
        return step;
    }

    @Override
    public GradientUpdater<ClassicalMomentum> instantiate(Map<String, INDArray> state, boolean initialize) {
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
        return true;
    }

    @Override
    public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
        learningRate = lr;
        schedule = lrSchedule;
    }

    @Override
    public IUpdater clone() {
        ClassicalMomentum copy = new ClassicalMomentum(learningRate, momentum);
        copy.schedule = schedule;
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClassicalMomentum that
                && that.learningRate == learningRate
                && that.momentum == momentum
                && Objects.equals(that.schedule, schedule);
    }

    @Override
    public int hashCode() {
        return Double.hashCode(learningRate) * 31 + Double.hashCode(momentum);
    }

    private static void step(float[] gradient, float[] velocity, float rate, float momentum, int count) {
        for (int i = 0; i < count; i++) {
            velocity[i] = momentum * velocity[i] - rate * gradient[i];
            gradient[i] = -velocity[i];
        }
    }

    private final class Step implements GradientUpdater<ClassicalMomentum> {
        private final TiledPass pass = new TiledPass();
        private INDArray velocity;

        @Override
        public ClassicalMomentum getConfig() {
            return ClassicalMomentum.this;
        }

        @Override
        public void setState(Map<String, INDArray> state, boolean initialize) {
            velocity = state.get(VELOCITY);
        }

        @Override
        public Map<String, INDArray> getState() {
            return Map.of(VELOCITY, velocity);
        }

        @Override
        public void setStateViewArray(INDArray view, long[] gradientShape, char gradientOrder, boolean initialize) {
            if (initialize) {
                view.assign(0);
            }
            velocity = view;
        }

        @Override
        public void applyUpdater(INDArray gradient, int iteration, int epoch) {
            float rate = (float) getLearningRate(iteration, epoch);
            float decay = (float) momentum;
            pass.run((g, state, count) -> step(g, state[0], rate, decay, count), gradient, velocity);
        }
    }
}
