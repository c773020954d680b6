/** Looking at a trained model and at examples: what a task measures, and what it answers. */
package dev.lockstep.worker.evaluate;
