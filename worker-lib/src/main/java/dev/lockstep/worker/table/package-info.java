/** Rows of a table as examples: encoded, put in an order of their own, and cut into blocks. */
package dev.lockstep.worker.table;
