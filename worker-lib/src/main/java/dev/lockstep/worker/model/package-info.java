/**
 * What a network is and how it learns, as values, and the seam to whoever computes it. A layer is one file, an optimizer
 * one file, a metric one file: each in the package and the registry of its kind.
 */
package dev.lockstep.worker.model;
