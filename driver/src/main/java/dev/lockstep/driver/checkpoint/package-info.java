/** Checkpoints: written whole or not at all, and refused when they are of another configuration or other data. */
package dev.lockstep.driver.checkpoint;
