package dev.lockstep.driver.state;

/**
 * What a run's course so far has led to, beside the model: part of its state, so that a resumed run goes on as if it had not
 * stopped.
 *
 * @param stopping how early stopping's metric stands; null before its first value
 * @param best the state at that metric's best value, which remembers nothing itself; null before the first value
 * @param plateau how the metric that the learning rate follows stands; null before its first value
 * @param cuts how often a plateau has cut the learning rate
 * @param experience of one who acts; null of a network that learns from examples
 */
public record Memory(Standing stopping, TrainingState best, Standing plateau, int cuts, Experience experience) {
    public static final Memory NOTHING = new Memory(null, null, null, 0);

    /** Of a network that learns from examples. */
    public Memory(Standing stopping, TrainingState best, Standing plateau, int cuts) {
        this(stopping, best, plateau, cuts, null);
    }
}
