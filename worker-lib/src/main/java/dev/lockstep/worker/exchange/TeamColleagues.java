package dev.lockstep.worker.exchange;

import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.Replica;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * The members of a team, as one of them sees them.
 *
 * @param replicas of each
 * @param meeting told what they do before
 */
record TeamColleagues(AtomicReferenceArray<Replica> replicas, int place, Consumer<String> meeting)
        implements Colleagues {
    @Override
    public int size() {
        return replicas.length();
    }

    @Override
    public Replica replica(int of) {
        return replicas.get(of);
    }

    @Override
    public void meet(String what) {
        meeting.accept(what);
    }
}
