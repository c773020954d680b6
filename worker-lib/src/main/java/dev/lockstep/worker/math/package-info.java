/**
 * Loops and products on plain memory, float32. Knows no framework: OpenBLAS alone is called. What is summed, and in which
 * order, depends on shapes only.
 */
package dev.lockstep.worker.math;
