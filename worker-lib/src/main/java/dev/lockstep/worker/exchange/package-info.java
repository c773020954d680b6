/**
 * How the tasks of a gang come together after each step: they meet through the driver, add up in shared memory what is in
 * one JVM, and exchange slices over Spark's own transport what is in several.
 *
 * <p>{@link dev.lockstep.worker.exchange.Member}, {@link dev.lockstep.worker.exchange.Team} and {@link
 * dev.lockstep.worker.exchange.Coordinator} are the protocol. What is around them they know through four seams: {@link
 * dev.lockstep.worker.exchange.Transport} between executors, {@link dev.lockstep.worker.exchange.Rpc} to the driver, {@link
 * dev.lockstep.worker.exchange.Clock} and {@link dev.lockstep.worker.exchange.Cancellation}. Spark is behind the seams; the
 * tests have a simulated cluster there.
 */
package dev.lockstep.worker.exchange;
