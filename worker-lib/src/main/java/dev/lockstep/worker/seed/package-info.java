/** The seed law: every random number is a pure function of the run's seed, its purpose, and where it is used. */
package dev.lockstep.worker.seed;
