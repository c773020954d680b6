/** What a model makes of a data set: loss, accuracy and the confusion matrix, the same bits on any number of tasks. */
package dev.lockstep.driver.evaluate;
