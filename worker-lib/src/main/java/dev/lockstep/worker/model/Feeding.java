package dev.lockstep.worker.model;

import java.io.Serializable;

/**
 * How the sequences of a batch are fed to a network that learns.
 *
 * @param streams the sequences of a batch that go on where those of the batch before ended; 0 where none does
 * @param teacherForcing the share of the pairs of which it is given what is right so far, in [0, 1]; of the others it is given what it
 *     says itself
 */
public record Feeding(int streams, double teacherForcing) implements Serializable {
    /** Each begins anew, and what is right is given. */
    public static final Feeding USUAL = new Feeding(0, 1);
}
