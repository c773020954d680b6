/** Looking at a trained model: what a task measures, and what it answers. */
package dev.lockstep.worker.evaluate;
