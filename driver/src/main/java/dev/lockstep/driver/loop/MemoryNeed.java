package dev.lockstep.driver.loop;

import com.sun.management.OperatingSystemMXBean;
import dev.lockstep.driver.config.ExchangeKind;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.evaluate.Examination;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.NetworkSize;
import dev.lockstep.worker.natives.Natives;
import dev.lockstep.worker.reduce.FloatArray;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * The memory that a network takes in this process at the least, known before any is taken: what cannot fit is refused with
 * the numbers. Activations come on top, so what is not refused may still be too large.
 *
 * @param tasks that compute in this process at once; 0 where executors do
 */
public record MemoryNeed(NetworkSize network, int tasks) {

    /**
     * What there is.
     *
     * @param heap bytes that Java's heap may have
     * @param process bytes that the process may have, its heap included
     */
    public record Memory(long heap, long process) {

        static Memory ofThisProcess() {
            long machine = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
            long allowed = Natives.largestProcess(); // beyond it JavaCPP refuses
            return new Memory(Runtime.getRuntime().maxMemory(), allowed > 0 ? Math.min(machine, allowed) : machine);
        }
    }

    /**
     * Refuses a run that cannot be trained here.
     *
     * @param master Spark's: of a local one the tasks are in this process
     * @throws ConfigurationException with what is needed and what there is
     */
    public static void check(RunConfig config, String master) {
        RunConfig.Training training = config.training();
        int slots = training.tasks() == 0 ? SparkApplication.localSlots(master) : training.tasks();
        int tasks = training.exchange() == ExchangeKind.LOCAL ? 1 : Math.min(slots, training.shards());
        boolean here = SparkApplication.localSlots(master) > 0;
        MemoryNeed need = new MemoryNeed(Networks.size(config.network()), here ? tasks : 0);
        need.checkArrays(training.syncEvery() > 1);
        long examples =
                Math.max(Examination.CHUNK, (training.batchSize() + training.shards() - 1L) / training.shards());
        long values = examples * config.network().input().size();
        if (values > FloatArray.LONGEST) {
            throw new ConfigurationException(String.format(
                    Locale.ROOT,
                    "network.input: %,d examples of %s, which are computed at once, have %,d values; at most %,d go into one"
                            + " array; make the examples smaller, or train.shards larger",
                    examples,
                    config.network().input(),
                    values,
                    FloatArray.LONGEST));
        }
        need.check(Memory.ofThisProcess());
    }

    /** @param averaged whether shards send parameters and optimizer state as one array */
    void checkArrays(boolean averaged) {
        long longest = averaged
                ? network.parameters() + network.optimizerValues()
                : Math.max(network.parameters(), network.optimizerValues());
        if (longest > FloatArray.LONGEST) {
            throw new ConfigurationException(String.format(
                    Locale.ROOT,
                    "network.layers: %s; at most %,d %s go into one array of Java; make the network smaller",
                    this,
                    FloatArray.LONGEST,
                    averaged ? "of both together (train.sync-every)" : "of each"));
        }
    }

    /** @throws ConfigurationException with what is needed and what there is */
    public void check(Memory there) {
        String more = tasks > 1 ? ", or train.tasks" : "";
        String in = tasks > 1 ? " in " + tasks + " tasks" : "";
        if (heap() > there.heap()) {
            throw new ConfigurationException(String.format(
                    Locale.ROOT,
                    "network.layers: %s%s need at least %,d MB of Java's memory, there are %,d; give it more"
                            + " (-Xmx, spark.driver.memory), make the network smaller%s",
                    this,
                    in,
                    mebibytes(heap()),
                    mebibytes(there.heap()),
                    more));
        }
        if (heap() + outsideHeap() > there.process()) {
            throw new ConfigurationException(String.format(
                    Locale.ROOT,
                    "network.layers: %s%s need at least %,d MB of memory, %,d of them outside Java's, there are %,d; take a"
                            + " larger machine (or raise org.bytedeco.javacpp.maxphysicalbytes), make the network"
                            + " smaller%s",
                    this,
                    in,
                    mebibytes(heap() + outsideHeap()),
                    mebibytes(outsideHeap()),
                    mebibytes(there.process()),
                    more));
        }
    }

    /** The state of the run, and of each task the sum of its gradients. */
    long heap() {
        return Float.BYTES * (network.parameters() * (1 + tasks) + network.optimizerValues());
    }

    /**
     * Of each task parameters and gradient, and of all together the optimizer's state, where they share its steps; elsewhere the
     * parameters, while they are drawn.
     */
    long outsideHeap() {
        long computing = 2 * tasks * network.parameters() + (tasks > 0 ? network.optimizerValues() : 0);
        return Float.BYTES * Math.max(network.parameters(), computing);
    }

    private static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d parameters and %,d values of optimizer state",
                network.parameters(),
                network.optimizerValues());
    }
}
