/** How a segment's examples come to the tasks: all of them to everyone, or shuffled to those who need them. */
package dev.lockstep.driver.feed;
