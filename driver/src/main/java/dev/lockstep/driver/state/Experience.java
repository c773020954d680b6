package dev.lockstep.driver.state;

/**
 * What an agent that learns by acting has behind it.
 *
 * @param iterations of acting and learning that are done
 * @param episodes lived in them
 * @param steps taken in them
 * @param transitions remembered to learn from again, the oldest first; empty where nothing is
 */
public record Experience(long iterations, long episodes, long steps, float[] transitions) {
    public static final Experience NOTHING = new Experience(0, 0, 0, new float[0]);
}
