package dev.lockstep.worker.exchange;

import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.Elements;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * The members of a team, as one of them sees them.
 *
 * @param all of each
 * @param meeting told what they do before
 */
record TeamColleagues(AtomicReferenceArray<Elements> all, int place, Consumer<String> meeting) implements Colleagues {
    @Override
    public int size() {
        return all.length();
    }

    @Override
    public Elements elements(int of) {
        return all.get(of);
    }

    @Override
    public void meet(String what) {
        meeting.accept(what);
    }
}
