package dev.lockstep.worker.model;

import java.io.Serializable;

/**
 * How a part of a network takes part in what the network learns.
 *
 * @param frozen whether it stays as it starts, by a bit: no gradient, no regularisation, no optimizer state; batch norm
 *     takes its averages for the batch's
 * @param rate what the optimizer's learning rate is multiplied by, above 0
 * @param fresh whether it starts by chance, though the network starts from another model
 * @param sparse whether weights that are 0 stay 0: they have no gradient
 */
public record Learning(boolean frozen, double rate, boolean fresh, boolean sparse) implements Serializable {

    /** As all the others. */
    public static final Learning USUAL = new Learning(false, 1, false, false);
}
