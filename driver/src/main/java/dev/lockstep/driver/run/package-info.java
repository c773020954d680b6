/** A run's folder: its records, its model, its logs, and the run itself from start to end. */
package dev.lockstep.driver.run;
