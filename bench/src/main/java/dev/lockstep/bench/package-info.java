/**
 * Side-by-side benchmarks: {@code lockstep bench}. What is measured is a {@link dev.lockstep.bench.mode.Workload}, the
 * ways to run it are {@link dev.lockstep.bench.mode.Mode}s; a new way is a new class there. JMH benchmarks are in
 * {@code micro}.
 */
package dev.lockstep.bench;
