/**
 * What a network is to be good at: its losses, and the figures that tell how good it is. A metric is one file; to add one:
 * its file, and its place in the {@link dev.lockstep.worker.model.objective.Objective}s that it is for.
 */
package dev.lockstep.worker.model.objective;
