/**
 * A training's steps in one task: the shards that it computes, the sum with those of the others, the optimizer step.
 */
package dev.lockstep.worker.loop;
