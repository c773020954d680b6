/**
 * The door for programs written against DL4J's Spark module, which needs Scala 2.12 and Spark 3: a {@code TrainingMaster}
 * that trains the exact way.
 */
package dev.lockstep.driver.dl4j;
