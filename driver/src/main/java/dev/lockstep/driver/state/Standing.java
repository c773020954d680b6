package dev.lockstep.driver.state;

/**
 * How a watched metric stands.
 *
 * @param best its best value so far
 * @param waited evaluations since
 */
public record Standing(double best, int waited) {}
