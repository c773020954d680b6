/** The Spark application: how it is started, and how its jobs are named and cancelled. */
package dev.lockstep.driver.spark;
