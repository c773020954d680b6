package dev.lockstep.worker.step;

import dev.lockstep.worker.model.GradientNorms;
import dev.lockstep.worker.model.ParameterRange;
import java.util.List;

/**
 * Those who hold equal replicas and take each optimizer step together: each takes it for a part of the elements, and takes
 * over the others' parts. Optimizers that look at more than one element are not shared.
 *
 * <p>What is written here is how those of one JVM do it, who read each other's replicas.
 */
public interface Colleagues {

    /** Of one who takes all steps alone. */
    Colleagues NONE = new Colleagues() {
        @Override
        public int size() {
            return 1;
        }

        @Override
        public int place() {
            return 0;
        }

        @Override
        public Elements elements(int place) {
            throw new IllegalArgumentException("there are no colleagues");
        }

        @Override
        public void meet(String what) {}
    };

    /** How many there are in this JVM, the caller counted. */
    int size();

    /** The caller's, from 0. */
    int place();

    /** Of the one at a place; for reading only while all are between two meetings. */
    Elements elements(int place);

    /**
     * Returns when all of this JVM have called it as often.
     *
     * @param what they do before, for the message when somebody does not come
     */
    void meet(String what);

    /** Whether there is nobody but the caller. */
    default boolean isAlone() {
        return size() == 1;
    }

    /** What the sum of the step comes to, where they have worked it out together; else null, and each has all of the sum. */
    default GradientNorms norms() {
        return null;
    }

    /** An optimizer step of some elements of the caller's replica. */
    @FunctionalInterface
    interface PartOfStep {
        /** Of elements {@code [from, to)}. */
        void take(int from, int to);
    }

    /** The parameters that the caller steps, and whose optimizer's state it has to keep: an equal part. */
    default List<ParameterRange> own() {
        int from = from(place());
        int to = from(place() + 1);
        return from < to ? List.of(new ParameterRange(from, to)) : List.of();
    }

    /**
     * Takes a step.
     *
     * @param part called for the elements that are the caller's to step
     */
    default void step(long step, PartOfStep part) {
        own().forEach(range -> part.take(range.from(), range.to()));
        meet("take their part of step " + step);
        for (int other = 0; other < size(); other++) {
            if (other != place()) {
                elements(place()).take(elements(other), from(other), from(other + 1));
            }
        }
    }

    /** Returns when nobody looks at the caller's replica any more, after the last step. */
    default void leave() {
        if (!isAlone()) {
            meet("take their last step");
        }
    }

    /** Where the elements of the one at a place begin: equal parts. */
    private int from(int place) {
        return (int) ((long) elements(place()).parameters() * place / size());
    }
}
