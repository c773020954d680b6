/**
 * Which example is where at which step: pure functions of the seed, the batch size and the number of shards, which every
 * task works out for itself.
 */
package dev.lockstep.worker.plan;
