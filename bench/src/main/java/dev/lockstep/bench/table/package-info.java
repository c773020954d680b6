/** The same made-up rows as a table and as files of images, and how fast each is learnt from and answered. */
package dev.lockstep.bench.table;
