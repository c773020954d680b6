package dev.lockstep.worker.step;

import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.GradientChunks;
import dev.lockstep.worker.model.TrainableModel;
import java.util.ArrayList;
import java.util.List;

/**
 * Those of a replica.
 *
 * @param carried the states that go from one batch to the next
 */
record ReplicaElements(TrainableModel model, GradientChunks chunks, Clipping clipping, float[] carried)
        implements Elements {
    private static final int CARRIED_TOGETHER = 4096;

    @Override
    public int parameters() {
        return chunks.borders().get(chunks.count());
    }

    @Override
    public int length() {
        return parameters() + carried.length;
    }

    @Override
    public List<Integer> borders() {
        List<Integer> all = new ArrayList<>(chunks.borders());
        for (int at = 0; at < carried.length; at += CARRIED_TOGETHER) {
            all.add(parameters() + Math.min(carried.length, at + CARRIED_TOGETHER));
        }
        return all;
    }

    @Override
    public void read(float[] into, int from, int to) {
        int learnt = Math.min(to, parameters());
        if (from < learnt) {
            model.readParameters(into, from, learnt);
        }
        int at = Math.max(from, parameters());
        if (at < to) {
            System.arraycopy(carried, at - parameters(), into, at, to - at);
        }
    }

    @Override
    public void take(float[] values, int from, int to) {
        int learnt = Math.min(to, parameters());
        if (from < learnt) {
            model.takeParameters(values, from, learnt);
        }
        int at = Math.max(from, parameters());
        if (at < to) {
            System.arraycopy(values, at, carried, at - parameters(), to - at);
        }
    }

    @Override
    public void take(Elements equal, int from, int to) {
        model.takeParameters(((ReplicaElements) equal).model, from, to);
    }
}
