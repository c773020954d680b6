/** Launches the steps of a training on Spark: as a gang, as a job a round, or in one task, with the same bits. */
package dev.lockstep.driver.exchange;
