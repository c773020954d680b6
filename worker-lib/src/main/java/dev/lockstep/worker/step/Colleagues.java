package dev.lockstep.worker.step;

/**
 * Those of one JVM who hold equal replicas and take each optimizer step together: each takes it for a part of the elements,
 * and copies the others' parts. Optimizers that look at more than one element are not shared.
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
        public Replica replica(int place) {
            throw new IllegalArgumentException("there are no colleagues");
        }

        @Override
        public void meet(String what) {}
    };

    /** How many there are, the caller counted. */
    int size();

    /** The caller's, from 0. */
    int place();

    /** Of the one at a place; for reading only while all are between two meetings. */
    Replica replica(int place);

    /**
     * Returns when all have called it as often.
     *
     * @param what they do before, for the message when somebody does not come
     */
    void meet(String what);
}
