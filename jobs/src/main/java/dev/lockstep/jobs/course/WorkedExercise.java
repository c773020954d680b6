package dev.lockstep.jobs.course;

import java.util.List;
import java.util.function.Supplier;

/** Fixed values and all that is computed of them, printed step by step. */
record WorkedExercise(Outline outline, Supplier<List<Passage>> passages) implements Exercise {

    @Override
    public Result run(Session session, Result begun) {
        List<Passage> worked = passages.get();
        for (Passage passage : worked) {
            session.display().println("\n" + passage.heading() + "\n" + passage.text());
        }
        return begun.with(worked);
    }
}
