package dev.lockstep.driver.train;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.exchange.Coordinator;
import dev.lockstep.worker.exchange.Gang;
import dev.lockstep.worker.exchange.Member;
import dev.lockstep.worker.exchange.Seating;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.settings.SparkSettings;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepMetrics;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Function1;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag$;

/**
 * A Spark stage for many steps: its tasks run at the same time, each with a network of its own, add up their gradients
 * among themselves and all take the same optimizer steps. When one is lost, Spark starts all of them again from the
 * first step of the stage, which gives the same bits; so a stage is about half a minute long.
 */
final class GangExchange implements Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(GangExchange.class);

    private static final double SECONDS_A_GANG = 30;
    /** Of the first gang, whose speed is not known. */
    private static final long FIRST_STEPS = 32;

    private static final long LOOK_MILLIS = 50;
    private static final double SECONDS_OF_SILENCE = 600;
    /** One task may read a large file. */
    private static final double SECONDS_OF_READING = 3600;

    private static final long BYTES_A_PART = 64 << 20;

    private final JavaSparkContext spark;
    private final SeedLaw seeds;
    private final long bytesAPart;
    private final long patienceMillis;
    /** How long a lost executor may take to be replaced. */
    private final double replacementSeconds;

    private double secondsAStep = SECONDS_A_GANG / FIRST_STEPS;
    private int tasksBefore;
    private List<String> executorsBefore = List.of();

    GangExchange(JavaSparkContext spark, SeedLaw seeds) {
        this(spark, seeds, BYTES_A_PART);
    }

    /** @param bytesAPart of the parameters, or of the optimizer's state, in the result of one Spark task */
    GangExchange(JavaSparkContext spark, SeedLaw seeds, long bytesAPart) {
        this.spark = spark;
        this.seeds = seeds;
        this.bytesAPart = bytesAPart;
        SparkSettings settings = new SparkSettings(spark.getConf());
        this.patienceMillis = settings.patience().toMillis();
        this.replacementSeconds = settings.replacement().toMillis() / 1e3;
        if (spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false)) {
            throw new ConfigurationException("train.exchange: gang needs executors that stay, but"
                    + " spark.dynamicAllocation.enabled is true; set it to false, or take train.exchange=job");
        }
    }

    /**
     * What the first member gives back, of a part of the model: Spark keeps several copies of a task's result, so a large
     * model comes as the results of many small tasks.
     *
     * @param place of the part, from 0
     * @param arithmetic what computed the steps
     * @param diverged why they ended early, or null
     */
    private record End(
            int place, long step, FloatArray parameters, FloatArray optimizer, String arithmetic, String diverged)
            implements Serializable {
        /** How many parts a model comes back in. */
        static int parts(TrainingState model, long bytesAPart) {
            long values = Math.max(model.parameters().length, model.optimizer().length);
            return (int) (1 + values * Float.BYTES / bytesAPart);
        }
    }

    @Override
    public int tasks(int slots, int shards) {
        return Math.min(slots, shards);
    }

    /** Neighbours share an executor, as far as the last gang tells; before the first, as Spark deals tasks out. */
    @Override
    public List<Integer> order(int tasks) {
        if (executorsBefore.size() == tasks) {
            return Seating.byExecutor(executorsBefore);
        }
        int executors = SparkApplication.executors(spark);
        return Seating.byExecutor(IntStream.range(0, tasks)
                .mapToObj(task -> String.valueOf(task % executors))
                .toList());
    }

    @Override
    public TrainingState run(
            NetworkDefinition network, Segment segment, TrainingState state, long toStep, TrainingMonitor monitor) {
        Jobs.requireRoom(spark, state.byteCount());
        long wanted = state.step() + Math.max(1, (long) (SECONDS_A_GANG / secondsAStep));
        long end = segment.rounds().ceiling(Math.min(toStep, wanted));
        TrainingPlacement placement = segment.placement();
        Coordinator coordinator = new Coordinator(
                placement.plan().shards(),
                placement.parts(),
                segment.everywhere() ? null : placement.order(),
                patienceMillis);
        Gang gang = coordinator.gang();
        try (coordinator;
                GangEvents events =
                        GangEvents.of(spark, String.valueOf(gang.id()), () -> SparkApplication.slots(spark))) {
            awaitSlots(gang.size(), events, monitor);
            if (monitor.stopRequested()) {
                return state;
            }
            if (gang.size() != tasksBefore) {
                LOG.info("from step {} on {} tasks", state.step(), gang.size());
                tasksBefore = gang.size();
            }
            TrainingState after = run(network, segment, coordinator, events, state, end, monitor);
            executorsBefore = coordinator.executors();
            return after;
        }
    }

    private TrainingState run(
            NetworkDefinition network,
            Segment segment,
            Coordinator coordinator,
            GangEvents events,
            TrainingState state,
            long end,
            TrainingMonitor monitor) {
        Broadcast<FloatArray> parameters = spark.broadcast(FloatArray.of(state.parameters()));
        Broadcast<FloatArray> optimizer = spark.broadcast(FloatArray.of(state.optimizer()));
        try {
            JavaFutureAction<List<End>> job = Jobs.start(
                    spark,
                    gang(network, segment, coordinator.gang(), parameters, optimizer, state, end),
                    "gang for steps " + state.step() + " to " + (end - 1) + " (epoch "
                            + segment.placement().plan().epoch(state.step()) + ")",
                    Map.of(GangEvents.GANG, String.valueOf(coordinator.gang().id())));
            try {
                return follow(job, coordinator, events, state, end, monitor);
            } finally {
                job.cancel(true);
            }
        } finally {
            parameters.destroy();
            optimizer.destroy();
        }
    }

    /** An executor that was lost is given time to be replaced, and one that comes late to come. */
    private void awaitSlots(int tasks, GangEvents events, TrainingMonitor monitor) {
        double seconds = SparkApplication.isOneProcess(spark.master()) ? 0 : replacementSeconds;
        events.awaitSlots(tasks, seconds, monitor::stopRequested);
        int slots = SparkApplication.slots(spark);
        if (slots < tasks && !monitor.stopRequested()) {
            String waited = seconds == 0 ? "" : " after " + (long) seconds + " s (" + SparkSettings.REPLACEMENT + ")";
            throw new ConfigurationException("train.exchange: gang needs " + tasks
                    + " slots at the same time (train.tasks), there are " + slots + waited + events.loss()
                    + "; give Spark more cores, set train.tasks=" + Math.max(1, slots)
                    + ", or take train.exchange=job");
        }
    }

    private JavaRDD<End> gang(
            NetworkDefinition network,
            Segment segment,
            Gang gang,
            Broadcast<FloatArray> parameters,
            Broadcast<FloatArray> optimizer,
            TrainingState state,
            long toStep) {
        TrainingPlacement placement = segment.placement();
        Rounds rounds = segment.rounds();
        SeedLaw law = seeds;
        long fromStep = state.step();
        int parts = End.parts(state, bytesAPart);
        String before = state.provenance().arithmetic();
        Function1<scala.collection.Iterator<PlacedExamples>, scala.collection.Iterator<End>> task = (Function1<
                                scala.collection.Iterator<PlacedExamples>, scala.collection.Iterator<End>>
                        & Serializable)
                part -> JavaConverters.asScalaIterator(gang.join(
                        TaskContext.get(),
                        member -> Replica.with(network, law, replica -> {
                            PlacedExamples examples = part.next();
                            String arithmetic = replica.arithmetic();
                            replica.setParameters(parameters.value().values());
                            replica.setOptimizerState(optimizer.value().values());
                            Span shards = member.meet(
                                    rounds.vectorLength(replica),
                                    1 + replica.metrics().sums(),
                                    arithmetic,
                                    before);
                            return steps(member, shards, replica, placement, rounds, examples, fromStep, toStep, parts);
                        })));
        // Spark starts a stage of tasks that run at the same time again when one fails, unless it is the job's last
        // stage.
        return segment.examples()
                .rdd()
                .barrier()
                .mapPartitions(task, false, ClassTag$.MODULE$.<End>apply(End.class))
                .toJavaRDD()
                .mapToPair(part -> new Tuple2<>(part.place(), part))
                .partitionBy(new HashPartitioner(parts))
                .values();
    }

    /** @return the end in its parts, from the task of rank 0; nothing from the others */
    private static Iterator<End> steps(
            Member member,
            Span shards,
            Replica replica,
            TrainingPlacement placement,
            Rounds rounds,
            PlacedExamples examples,
            long fromStep,
            long toStep,
            int parts) {
        int rank = TaskContext.getPartitionId();
        String diverged = null;
        boolean stopped = false;
        long step = fromStep;
        long began = System.nanoTime();
        while (step < toStep && !stopped && diverged == null) {
            List<PartialSum> own = rounds.compute(replica, placement, examples, step, shards);
            double computed = (System.nanoTime() - began) / 1e9;
            PartialSum sum = member.allReduce(rounds.end(step) - 1, own);
            own.forEach(replica::recycle);
            try {
                List<StepMetrics> metrics = rounds.finish(replica, placement, step, sum);
                stopped = member.stopped();
                step = rounds.end(step);
                long now = System.nanoTime();
                double seconds = (now - began) / 1e9;
                began = now;
                if (rank == 0) {
                    StepReport.ofRound(metrics, seconds, seconds - computed)
                            .forEach(done -> member.report(done.metrics(), done.seconds(), done.exchangeSeconds()));
                }
            } catch (DivergenceException e) {
                diverged = e.getMessage();
            }
        }
        if (rank > 0) {
            return List.<End>of().iterator();
        }
        member.flush();
        long last = step;
        String reason = diverged;
        String arithmetic = replica.arithmetic();
        FloatArray parameters = FloatArray.of(replica.parameters());
        FloatArray optimizer = FloatArray.of(replica.optimizerState());
        return IntStream.range(0, parts)
                .mapToObj(part -> new End(
                        part, last, parameters.part(part, parts), optimizer.part(part, parts), arithmetic, reason))
                .iterator();
    }

    /** Passes the steps on as they are finished, and the wish to stop the other way. */
    private TrainingState follow(
            JavaFutureAction<List<End>> job,
            Coordinator coordinator,
            GangEvents events,
            TrainingState state,
            long end,
            TrainingMonitor monitor) {
        int tasks = coordinator.gang().size();
        long reported = state.step() - 1;
        boolean stopping = false;
        int attempt = 0;
        while (!job.isDone()) {
            Coordinator.Step step = reported < end - 1 ? next(coordinator) : null;
            if (step != null) {
                tell(monitor, step);
                reported = Math.max(reported, step.metrics().id().step());
                events.heard();
            } else if (reported == end - 1) {
                await(job);
            }
            LockstepException failure = coordinator.userFailure();
            if (failure != null) {
                throw failure;
            }
            if (coordinator.attempt() > attempt) {
                attempt = coordinator.attempt();
                String cause = coordinator.firstCause(); // none when no member lived to tell
                LOG.warn(
                        "steps {} to {} are run again: {}",
                        state.step(),
                        end - 1,
                        cause == null ? "all its tasks are gone" + events.loss() : cause);
            }
            if (!stopping && monitor.stopRequested()) {
                stopping = true;
                coordinator.stopAfter(reported);
            }
            double silence = events.silence();
            if (Math.min(silence, events.secondsWithout(tasks)) > replacementSeconds) {
                // The lost executor does not come back: go on from here with what there is.
                LOG.warn(
                        "no replacement within {} s ({}){}",
                        (long) replacementSeconds,
                        SparkSettings.REPLACEMENT,
                        events.loss());
                return state;
            }
            boolean reading = events.reading();
            if (silence > (reading ? SECONDS_OF_READING : Math.max(SECONDS_OF_SILENCE, 20 * secondsAStep))) {
                throw new IllegalStateException("waited " + (long) silence + " s for "
                        + (reading
                                ? "tasks to read and shuffle the examples"
                                : "a gang of " + tasks + " tasks to go on after step " + reported)
                        + "; are there executors with free slots? (see Spark's UI)" + events.loss());
            }
        }
        List<End> parts = result(job, coordinator);
        for (Coordinator.Step step = coordinator.poll(); step != null; step = coordinator.poll()) {
            tell(monitor, step);
        }
        End result = parts.get(0);
        if (result.diverged() != null) {
            throw new DivergenceException(result.diverged());
        }
        return state.after(
                result.step(),
                FloatArray.joined(parts.stream().map(End::parameters).toList()),
                FloatArray.joined(parts.stream().map(End::optimizer).toList()),
                result.arithmetic());
    }

    private void tell(TrainingMonitor monitor, Coordinator.Step step) {
        double weight = 0.1;
        secondsAStep += weight * (step.seconds() - secondsAStep);
        monitor.stepDone(new StepReport(step.metrics(), step.seconds(), step.exchangeSeconds()));
    }

    private static Coordinator.Step next(Coordinator coordinator) {
        try {
            return coordinator.poll(LOOK_MILLIS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static void await(JavaFutureAction<List<End>> job) {
        try {
            job.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // not done yet; or how it failed is told when it is done
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while a gang was training", e);
    }

    /** @return the end's parts, in order */
    private static List<End> result(JavaFutureAction<List<End>> job, Coordinator coordinator) {
        try {
            return job.get();
        } catch (InterruptedException e) {
            throw interrupted(e);
        } catch (ExecutionException e) {
            LockstepException ours = coordinator.userFailure();
            if (ours == null) {
                ours = LockstepException.in(e);
            }
            if (ours != null) {
                throw ours;
            }
            String first = coordinator.firstCause();
            IllegalStateException failure = new IllegalStateException("the gang failed in "
                    + (coordinator.attempt() + 1) + " attempts at the same steps; first: "
                    + (first == null ? Excerpt.line(e.getCause()) : first));
            failure.addSuppressed(e);
            throw failure;
        }
    }
}
