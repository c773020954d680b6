/**
 * The optimizers that a configuration can name, a file each, as the course defines them: all state starts at 0, which is
 * where the course differs from DL4J's own AdaGrad and RMSProp, whose state starts at epsilon. In their formulas g is the
 * gradient averaged over the global batch. To add one: its file, and a line in
 * {@link dev.lockstep.worker.model.optimizer.Optimizers}.
 */
package dev.lockstep.worker.model.optimizer;
