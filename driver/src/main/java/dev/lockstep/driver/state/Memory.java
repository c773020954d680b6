package dev.lockstep.driver.state;

/**
 * What the evaluations so far have led to: part of a run's state, so that a resumed run goes on as if it had not stopped.
 *
 * @param stopping how early stopping's metric stands; null before its first value
 * @param best the state at that metric's best value, which remembers nothing itself; null before the first value
 * @param plateau how the metric that the learning rate follows stands; null before its first value
 * @param cuts how often a plateau has cut the learning rate
 */
public record Memory(Standing stopping, TrainingState best, Standing plateau, int cuts) {
    public static final Memory NOTHING = new Memory(null, null, null, 0);
}
