/** Random changes to the examples that a network learns from; stands on the seed law's generator alone. */
package dev.lockstep.worker.augment;
