/** One step of one replica: a shard's gradient, the optimizer's step, and the checks that keep replicas equal. */
package dev.lockstep.worker.step;
