/** Named sums over examples, which travel along the reduction tree. */
package dev.lockstep.worker.tally;
