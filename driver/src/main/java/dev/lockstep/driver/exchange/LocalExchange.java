package dev.lockstep.driver.exchange;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.ModelState;
import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.loop.StepsTaken;
import dev.lockstep.worker.loop.TrainingTask;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Arithmetic;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * One task runs every shard in turn and takes the optimizer steps itself. The steps go to it in runs of a second or two,
 * so that progress is seen and little is lost with the task.
 */
final class LocalExchange implements Exchange {
    private static final double SECONDS_A_RUN = 2;
    private static final Duration RUN_DEADLINE = Duration.ofMinutes(30);

    private final JavaSparkContext spark;
    private final SeedLaw seeds;
    /** The steps of the next run of steps: only the first of all is a guess. */
    private long steps = 1;

    LocalExchange(JavaSparkContext spark, SeedLaw seeds) {
        this.spark = spark;
        this.seeds = seeds;
    }

    @Override
    public int tasks(int slots, int shards) {
        return 1;
    }

    /** One task is one task, however large the cluster. */
    @Override
    public long mostSteps() {
        return Integer.MAX_VALUE;
    }

    @Override
    public TrainingState run(
            NetworkDefinition network,
            Segment segment,
            TrainingState state,
            long toStep,
            StepListener listener,
            BooleanSupplier stop) {
        Jobs.requireRoom(spark, state.byteCount());
        TrainingState now = state;
        while (now.step() < toStep && !stop.getAsBoolean()) {
            long end = segment.rounds().ceiling(Math.min(toStep, now.step() + steps));
            TrainingTask task = segment.task(network, seeds, now.step(), end);
            long started = System.nanoTime();
            ModelState before = ModelState.of(now.parameters(), now.optimizer());
            StepsTaken taken = Jobs.broadcasting(spark, before, model -> run(segment, task, model));
            double seconds = (System.nanoTime() - started) / 1e9;
            Arithmetic.goOn(now.provenance().arithmetic(), taken.arithmetic(), "task 0");
            taken.reports().forEach(listener::stepDone);
            taken.requireConverging();
            long done = end - now.step();
            steps = Math.max(1, Math.min(4 * done, (long) (done * SECONDS_A_RUN / seconds)));
            now = now.after(
                    taken.step(),
                    taken.model().parameters().values(),
                    taken.model().optimizer().values(),
                    taken.arithmetic());
        }
        return now;
    }

    private StepsTaken run(Segment segment, TrainingTask task, Broadcast<ModelState> model) {
        return Jobs.collect(
                        spark,
                        segment.examples().map(examples -> task.alone(model::value, examples)),
                        task.description(),
                        RUN_DEADLINE)
                .get(0);
    }
}
