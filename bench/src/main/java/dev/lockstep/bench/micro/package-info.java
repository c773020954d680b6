/**
 * JMH benchmarks of the parts of a step. After a build:
 *
 * <pre>
 * cd bench/target && OMP_NUM_THREADS=1 java @../../conf/java-options \
 *     -cp "lockstep-bench.jar:../../jobs/target/lockstep-jobs.jar:../../driver/target/lockstep-driver.jar:../../worker-lib/target/lockstep-worker-lib.jar:$(cat classpath.txt)" \
 *     org.openjdk.jmh.Main Replica -p network=lenet -t 2
 * </pre>
 *
 * The tables of docs/performance.md come from {@code 'Layer|Optimizer' -f 0 -wi 1 -w 1 -i 2 -r 1} in the place of the last
 * line (five minutes).
 *
 * {@code -t} is the number of threads, each with a network of its own; {@code -f 1 -wi 2 -i 3} makes it short; {@code -l}
 * lists the benchmarks.
 */
package dev.lockstep.bench.micro;
