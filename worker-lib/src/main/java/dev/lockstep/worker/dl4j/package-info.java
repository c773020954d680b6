/**
 * The one wing that knows DL4J: definitions of networks, layers, losses and optimizers as DL4J's, and what computes
 * behind the seam of {@code model.TrainableModel}. Stock DL4J restores what it writes, but for what DL4J lacks.
 */
package dev.lockstep.worker.dl4j;
