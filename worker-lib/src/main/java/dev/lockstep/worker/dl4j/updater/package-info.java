/** Optimizer steps of ours in DL4J's seams: ND4J's own in one pass with the same bits, and those that DL4J lacks. */
package dev.lockstep.worker.dl4j.updater;
