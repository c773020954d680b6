package dev.lockstep.driver.exchange;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.exchange.Audit;
import dev.lockstep.worker.exchange.Coordinator;
import dev.lockstep.worker.exchange.Gang;
import dev.lockstep.worker.exchange.GangTask;
import dev.lockstep.worker.exchange.Seating;
import dev.lockstep.worker.exchange.SentModel;
import dev.lockstep.worker.exchange.SentModel.SentPiece;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.loop.ModelState;
import dev.lockstep.worker.loop.OptimizerSteps;
import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.loop.StepsTaken;
import dev.lockstep.worker.loop.TrainingTask;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.settings.SparkSettings;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Function1;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag;
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
    /** Of a step among those before, in what is known of the speed. */
    private static final double WEIGHT = 0.1;

    /** Small enough that those that Spark has several copies of, on their way, do not count beside a network. */
    private static final long BYTES_A_PIECE = 16 << 20;

    private static final ClassTag<Tuple2<Integer, StepsTaken>> PAIR = ClassTag$.MODULE$.apply(Tuple2.class);

    private final JavaSparkContext spark;
    private final SeedLaw seeds;
    private final Audit audit;
    private final long bytesAPiece;
    private final long patienceMillis;
    private final int sharedFrom;
    /** How long a lost executor may take to be replaced. */
    private final double replacementSeconds;

    private double secondsAStep = SECONDS_A_GANG / FIRST_STEPS;
    private int tasksBefore;
    private List<String> executorsBefore = List.of();
    private OptimizerSteps optimizerSteps;

    /** @param audit the share of the shards that two tasks compute */
    GangExchange(JavaSparkContext spark, SeedLaw seeds, double audit) {
        this(spark, seeds, audit, BYTES_A_PIECE);
    }

    /** @param bytesAPiece of the parameters, or of the optimizer's state, that Spark brings to tasks and back at once */
    GangExchange(JavaSparkContext spark, SeedLaw seeds, double audit, long bytesAPiece) {
        this.spark = spark;
        this.seeds = seeds;
        this.audit = new Audit(seeds, audit);
        this.bytesAPiece = bytesAPiece;
        SparkSettings settings = new SparkSettings(spark.getConf());
        this.patienceMillis = settings.patience().toMillis();
        this.sharedFrom = settings.sharedSteps();
        this.replacementSeconds = settings.replacement().toMillis() / 1e3;
        if (spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false)) {
            throw new ConfigurationException("train.exchange: gang needs executors that stay, but"
                    + " spark.dynamicAllocation.enabled is true; set it to false, or take train.exchange=job");
        }
    }

    @Override
    public int tasks(int slots, int shards) {
        return Math.min(slots, shards);
    }

    @Override
    public OptimizerSteps optimizerSteps() {
        return optimizerSteps;
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

    /** Where audits find a fault, the steps are taken again from the state given, as often as one finds out anything new. */
    @Override
    public TrainingState run(
            NetworkDefinition network,
            Segment segment,
            TrainingState state,
            long toStep,
            StepListener listener,
            BooleanSupplier stop) {
        Inquiry inquiry = new Inquiry(
                spark, seeds, audit.share(), (from, to) -> gang(network, segment, from, to, step -> {}, stop));
        TrainingState from = state;
        while (true) {
            try {
                return gang(network, segment, from, toStep, listener, stop);
            } catch (DisputedException e) {
                from = inquiry.into(e.dispute(), network, segment, from);
            }
        }
    }

    private TrainingState gang(
            NetworkDefinition network,
            Segment segment,
            TrainingState state,
            long toStep,
            StepListener listener,
            BooleanSupplier stop) {
        Jobs.requireRoom(spark, state.byteCount());
        long wanted = state.step() + Math.max(1, (long) (SECONDS_A_GANG / secondsAStep));
        long end = segment.rounds().ceiling(Math.min(toStep, wanted));
        TrainingPlacement placement = segment.placement();
        Coordinator coordinator = new Coordinator(
                placement.plan().shards(),
                placement.parts(),
                segment.everywhere() ? null : placement.order(),
                patienceMillis,
                audit,
                sharedFrom);
        Gang gang = coordinator.gang();
        try (coordinator;
                GangEvents events =
                        GangEvents.of(spark, String.valueOf(gang.id()), () -> SparkApplication.slots(spark))) {
            awaitSlots(gang.size(), events, stop);
            if (stop.getAsBoolean()) {
                return state;
            }
            if (gang.size() != tasksBefore) {
                LOG.info("from step {} on {} tasks", state.step(), gang.size());
                tasksBefore = gang.size();
            }
            TrainingTask steps = segment.task(network, seeds, state.step(), end);
            GangTask task =
                    new GangTask(gang, steps, parts(state), state.provenance().arithmetic());
            GangWatch watch =
                    new GangWatch(coordinator, events, steps, replacementSeconds, stop, spark.sc()::isStopped);
            StepListener pacing = step -> {
                secondsAStep += WEIGHT * (step.seconds() - secondsAStep);
                listener.stepDone(step);
            };
            List<SentPiece> model = SentModel.cut(ModelState.of(state.parameters(), state.optimizer()), bytesAPiece);
            List<StepsTaken> parts = Jobs.broadcastingEach(
                    spark,
                    model,
                    sent -> handedOver(here -> watch.follow(
                            start(segment.examples(), task, new SentModel(model, sent), here),
                            () -> secondsAStep,
                            pacing)));
            executorsBefore = coordinator.executors();
            return parts == null ? state : after(state, parts);
        }
    }

    /**
     * What a gang ends with.
     *
     * @param follow given where the gang is to leave it in this JVM, or null; then it comes as the job's result
     */
    private List<StepsTaken> handedOver(Function<Broadcast<Map<Integer, StepsTaken>>, List<StepsTaken>> follow) {
        if (!SparkApplication.isOneProcess(spark.master())) {
            return follow.apply(null);
        }
        Map<Integer, StepsTaken> byRank = new ConcurrentSkipListMap<>();
        return Jobs.broadcasting(
                spark, byRank, here -> follow.apply(here) == null ? null : List.copyOf(byRank.values()));
    }

    /** Put together when the model that was sent is deleted: a large one is not there once more than it must be. */
    private TrainingState after(TrainingState state, List<StepsTaken> parts) {
        StepsTaken taken = StepsTaken.joined(parts);
        optimizerSteps = taken.optimizerSteps();
        taken.requireConverging();
        ModelState model = taken.model();
        if (model.parameters().bytes() != (long) state.parameters().length * Float.BYTES
                || model.optimizer().bytes() != (long) state.optimizer().length * Float.BYTES) {
            throw new IllegalStateException(
                    "a gang gave back a model of " + model.parameters().bytes() + " and "
                            + model.optimizer().bytes() + " bytes, it was given one of " + state.byteCount());
        }
        return state.after(
                taken.step(), model.parameters().values(), model.optimizer().values(), taken.arithmetic());
    }

    /** How many parts a model comes back in. */
    private int parts(TrainingState model) {
        long values = Math.max(model.parameters().length, model.optimizer().length);
        return (int) (1 + values * Float.BYTES / bytesAPiece);
    }

    /** An executor that was lost is given time to be replaced, and one that comes late to come. */
    private void awaitSlots(int tasks, GangEvents events, BooleanSupplier stop) {
        double seconds = SparkApplication.isOneProcess(spark.master()) ? 0 : replacementSeconds;
        events.awaitSlots(tasks, seconds, stop);
        int slots = SparkApplication.slots(spark);
        if (slots < tasks && !stop.getAsBoolean()) {
            String waited = seconds == 0 ? "" : " after " + (long) seconds + " s (" + SparkSettings.REPLACEMENT + ")";
            throw new ConfigurationException("train.exchange: gang needs " + tasks
                    + " slots at the same time (train.tasks), there are " + slots + waited + events.loss()
                    + "; give Spark more cores, set train.tasks=" + Math.max(1, slots)
                    + ", or take train.exchange=job");
        }
    }

    private JavaFutureAction<List<StepsTaken>> start(
            JavaRDD<PlacedExamples> examples,
            GangTask task,
            SentModel model,
            Broadcast<Map<Integer, StepsTaken>> here) {
        Function1<Iterator<PlacedExamples>, Iterator<Tuple2<Integer, StepsTaken>>> function =
                (Function1<Iterator<PlacedExamples>, Iterator<Tuple2<Integer, StepsTaken>>> & Serializable) part ->
                        JavaConverters.asScalaIterator(task.run(model, JavaConverters.asJavaIterator(part), here));
        // Spark starts a stage of tasks that run at the same time again when one fails, unless it is the job's last
        // stage.
        JavaRDD<Tuple2<Integer, StepsTaken>> stage =
                examples.rdd().barrier().mapPartitions(function, false, PAIR).toJavaRDD();
        return Jobs.start(
                spark,
                JavaPairRDD.fromJavaRDD(stage)
                        .partitionBy(new HashPartitioner(task.parts()))
                        .values(),
                "gang for " + task.steps().description(),
                Map.of(GangEvents.GANG, String.valueOf(task.gang().id())));
    }
}
