/** The training loop, and the exchanges that launch its steps on Spark: gang, job and local, with the same bits. */
package dev.lockstep.driver.train;
