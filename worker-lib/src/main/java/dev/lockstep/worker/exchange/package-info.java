/**
 * How the tasks of a gang come together after each step: they meet through the driver, add up in shared memory what is in
 * one JVM, and exchange slices over Spark's own transport what is in several. The one package of the worker that touches
 * Spark.
 */
package dev.lockstep.worker.exchange;
