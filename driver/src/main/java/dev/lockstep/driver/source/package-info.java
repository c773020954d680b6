/** Data sets are opened here: found, checked once from end to end, and given as splits that tasks read by ranges. */
package dev.lockstep.driver.source;
