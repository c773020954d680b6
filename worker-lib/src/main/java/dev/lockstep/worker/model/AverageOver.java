package dev.lockstep.worker.model;

/** What the gradient of a batch is the mean over, where every step of a sequence has a target. */
public enum AverageOver {
    /** Its examples: a sequence counts with the sum over its steps, the longer the more; as DL4J has it. */
    EXAMPLES {
        @Override
        public double weight(Batch batch) {
            return batch.weight();
        }
    },
    /** The steps of its sequences, the tokens: each counts the same in whichever sequence it is. */
    TOKENS {
        @Override
        public double weight(Batch batch) {
            return batch.weightOfTargets();
        }
    };

    /** What the sum of a batch's gradients is divided by for the mean of it. */
    public abstract double weight(Batch batch);
}
