package dev.lockstep.worker.exchange;

import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.GradientChunks;
import dev.lockstep.worker.model.GradientNorms;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.ParameterLayout.Block;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.Elements;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A replica without a network, whose optimizer has momentum: what it ends with shows whether every element took every step
 * once, in order, with the right gradient.
 */
final class SimulatedReplica implements Elements {
    private final ParameterLayout layout;
    private final GradientChunks chunks;
    private final Clipping clipping;
    private final float[] values;
    private final float[] state;

    SimulatedReplica(Schedule schedule) {
        int carried = Math.floorMod(schedule.seed(), 5);
        int learnt = Math.max(1, schedule.parameters() - carried);
        int first = learnt / 2;
        int second = learnt - learnt / 5;
        List<Block> blocks = new ArrayList<>(List.of(
                new Block(0, "0", "W", 0, first, true, false),
                new Block(1, "1", "W", first, second, true, false),
                new Block(1, "1", "mean", second, learnt, false, true)));
        blocks.removeIf(block -> block.from() == block.to());
        this.layout = new ParameterLayout(blocks);
        this.chunks = new GradientChunks(layout, 1 + Math.floorMod(schedule.seed(), 7));
        this.clipping = schedule.seed() % 4 == 1 ? Clipping.NONE : new Clipping(2, .1 * (1 + schedule.seed() % 3));
        this.values = new float[schedule.parameters()];
        this.state = new float[learnt];
        Arrays.fill(values, 1);
    }

    /** As a real replica does it. */
    void step(long step, PartialSum sum, Colleagues colleagues) {
        GradientNorms agreed = colleagues.norms();
        GradientNorms norms = agreed == null ? chunks.norms(sum.gradient(), clipping, sum.weight()) : agreed;
        System.arraycopy(sum.gradient(), parameters(), values, parameters(), values.length - parameters());
        Colleagues.PartOfStep part = (from, to) -> step(sum, norms, from, Math.min(to, parameters()));
        if (colleagues.isAlone()) {
            part.take(0, values.length);
        } else {
            colleagues.step(step, part);
        }
    }

    private void step(PartialSum sum, GradientNorms norms, int from, int to) {
        float[] gradient = new float[parameters()];
        layout.clip(sum.gradient(), clipping, norms, sum.weight(), from, to, gradient);
        for (int i = from; i < to; i++) {
            state[i] = .9f * state[i] + (float) (gradient[i] / sum.weight());
            values[i] = .99f * values[i] - .1f * state[i];
        }
    }

    float[] values() {
        return values.clone();
    }

    float[] state() {
        return state.clone();
    }

    @Override
    public int length() {
        return values.length;
    }

    @Override
    public int parameters() {
        return state.length;
    }

    @Override
    public GradientChunks chunks() {
        return chunks;
    }

    @Override
    public Clipping clipping() {
        return clipping;
    }

    @Override
    public List<Integer> borders() {
        List<Integer> all = new ArrayList<>(chunks.borders());
        IntStream.rangeClosed(state.length + 1, values.length).forEach(all::add);
        return all;
    }

    @Override
    public void read(float[] into, int from, int to) {
        System.arraycopy(values, from, into, from, to - from);
    }

    @Override
    public void take(float[] other, int from, int to) {
        System.arraycopy(other, from, values, from, to - from);
    }

    @Override
    public void take(Elements equal, int from, int to) {
        take(((SimulatedReplica) equal).values, from, to);
    }
}
