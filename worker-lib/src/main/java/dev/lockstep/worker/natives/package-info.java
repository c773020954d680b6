/** The native libraries: which kernels they use, and one thread for each thread that computes. */
package dev.lockstep.worker.natives;
