/** Lockstep as stages of a spark.ml pipeline. */
package dev.lockstep.ml;
