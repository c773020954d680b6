/**
 * Layers of ours in DL4J's seams: the fast ones in the place of DL4J's, on batch-last memory, and the host of those that
 * DL4J lacks.
 */
package dev.lockstep.worker.dl4j.layer;
