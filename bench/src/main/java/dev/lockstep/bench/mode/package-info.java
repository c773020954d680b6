/** What is measured, and the ways to run it. */
package dev.lockstep.bench.mode;
