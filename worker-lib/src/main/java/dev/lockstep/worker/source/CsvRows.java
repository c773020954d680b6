package dev.lockstep.worker.source;

import dev.lockstep.worker.seed.SplitMix64;
import java.io.Serializable;

/**
 * Which rows of a table are examples of a split: drawn row by row from their numbers, so that they are the same for every seed
 * of a run.
 *
 * @param testFraction the share of the rows that is drawn for the test
 * @param test whether those are taken, or the others
 */
public record CsvRows(double testFraction, boolean test) implements Serializable {

    /** @param row its number, from 0 */
    public boolean take(long row) {
        return testFraction == 0 ? !test : new SplitMix64(row).nextDouble() < testFraction == test;
    }
}
