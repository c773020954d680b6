package dev.lockstep.driver.rl;

import dev.lockstep.driver.checkpoint.CheckpointStore;
import dev.lockstep.driver.checkpoint.Fingerprint;
import dev.lockstep.driver.config.RlConfig;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.run.FolderLock;
import dev.lockstep.driver.run.MetricsLog;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunEnd;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.state.Experience;
import dev.lockstep.driver.state.Memory;
import dev.lockstep.driver.state.Standing;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Updaters;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.rl.Environment.Space;
import dev.lockstep.worker.rl.Episode;
import dev.lockstep.worker.rl.Grid;
import dev.lockstep.worker.rl.Policy;
import dev.lockstep.worker.rl.Rollout;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * One run of {@code rl} with its folder: acts, learns, looks how good the policy is, and leaves behind what docs/rl.md names.
 * Whatever ends it, {@code run.json} says how.
 */
public final class RlRun {
    /** What a policy does on each square, for people. */
    public static final String POLICY = "policy.txt";

    /** So that what is told of the policy that is kept is not what it was chosen by. */
    private static final int LAST_LOOK = 1;

    private static final int LOOK = 0;

    private final RlConfig config;
    private final RunFolder folder;
    private final Consumer<String> told;
    private final SeedLaw seeds;
    private final Space space;
    private final FolderLock lock;
    private final CheckpointStore checkpoints;
    private final Map<String, String> identity = new TreeMap<>();
    private final double secondsBefore;
    private RunRecord record;

    /** @param test what the policy that is kept came to, in episodes of their own; null of a run that was interrupted */
    public record Outcome(RunRecord.Status status, Experience experience, Map<String, Double> test) {}

    /**
     * Prepares a run and writes the first {@code run.json}.
     *
     * @param command what the user typed
     * @param version of Lockstep
     * @param told of what is worth a line
     */
    public RlRun(RlConfig config, RunFolder folder, String command, String version, Consumer<String> told)
            throws IOException {
        this.config = config;
        this.folder = folder;
        this.told = told;
        this.seeds = new SeedLaw(config.seed());
        this.space = config.world().space();
        this.checkpoints = new CheckpointStore(
                folder.files(),
                folder.path("checkpoints"),
                new Fingerprint(
                        config.written().values(),
                        config.written().usual(),
                        config.written().free(),
                        Map.of()));
        checkpoints.refuseOther();
        folder.create();
        this.lock = FolderLock.take(folder);
        try {
            this.secondsBefore = begin(command, version);
        } catch (IOException | RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    private double begin(String command, String version) throws IOException {
        checkpoints.deleteUnfinished();
        RunRecord before = RunRecord.read(folder);
        identity.put("run_id", UUID.randomUUID().toString());
        identity.put("started", Instant.now().toString());
        identity.putAll(checkpoints.run());
        record = RunRecord.of(new RunRecord.Identity(
                version,
                identity.get("run_id"),
                config.name(),
                command,
                config.seed(),
                identity.get("started"),
                config.training().shards(),
                config.training().batchSize(),
                null,
                null));
        folder.write("config.resolved.conf", config.text());
        record.write(folder);
        return before == null || before.ending().seconds() == null
                ? 0
                : before.ending().seconds();
    }

    /**
     * Goes on to the end, from the newest checkpoint if there is one.
     *
     * @param spark asked once
     * @param stop asked after each iteration
     */
    public Outcome run(Supplier<JavaSparkContext> spark, BooleanSupplier stop) throws IOException {
        return new RunEnd(folder, lock, secondsBefore, config.written()::redacted)
                .recorded(() -> run(spark.get(), stop), Outcome::status, () -> record);
    }

    private Outcome run(JavaSparkContext spark, BooleanSupplier stop) throws IOException {
        Actors actors = new Actors(spark, config.training().tasks());
        Learner learner = Learner.of(config, actors);
        TrainingState first = learner.start();
        Optional<TrainingState> saved = checkpoints.newest(
                state -> state.parameters().length == first.parameters().length
                                && state.optimizer().length == first.optimizer().length
                                && state.memory().experience() != null
                        ? null
                        : "is of another network",
                warning -> told.accept("warning: " + warning));
        TrainingState state = saved.orElse(first.with(new Memory(null, null, null, 0, Experience.NOTHING)));
        if (saved.isEmpty()) {
            checkpoints.write(state, identity);
        } else {
            told.accept(
                    "resuming after iteration " + state.memory().experience().iterations());
            checkpoints.deleteAfter(state.step());
        }
        record = record.with(new RunRecord.Place(
                spark.master(), spark.sc().applicationId(), actors.tasks(), (long) first.parameters().length));
        record.write(folder);
        long iterations = state.memory().experience().iterations();
        AtomicBoolean tested = new AtomicBoolean();
        MetricsLog.read(
                folder, line -> tested.compareAndSet(false, line.split().equals("test") && line.step() <= iterations));
        try (MetricsLog metrics = new MetricsLog(folder, iterations)) {
            return new Course(actors, learner, metrics, tested.get()).run(state, stop);
        }
    }

    /** The iterations. */
    private final class Course {
        private final Actors actors;
        private final Learner learner;
        private final MetricsLog metrics;
        private final long began = System.nanoTime();
        private final boolean tested;
        private long stepsBefore;

        Course(Actors actors, Learner learner, MetricsLog metrics, boolean tested) {
            this.tested = tested;
            this.actors = actors;
            this.learner = learner;
            this.metrics = metrics;
        }

        Outcome run(TrainingState from, BooleanSupplier stop) throws IOException {
            stepsBefore = from.memory().experience().steps();
            TrainingState state = from;
            while (!isDone(state) && !stop.getAsBoolean()) {
                state = iteration(state);
                long done = state.memory().experience().iterations();
                if (done % config.training().checkpointEvery() == 0) {
                    checkpoint(state);
                }
            }
            progress(state);
            checkpoint(state);
            Experience experience = state.memory().experience();
            if (!isDone(state)) {
                return new Outcome(RunRecord.Status.INTERRUPTED, experience, null);
            }
            TrainingState best = state.memory().best();
            Returns test = look(best, LAST_LOOK);
            if (!tested) { // a finished run that is gone on with has this line already
                metrics.evaluation(
                        SplitName.TEST,
                        Math.toIntExact(experience.iterations()),
                        experience.iterations(),
                        test.scores(Double.NaN, Map.of()));
            }
            lock.require();
            leave(best, test);
            return new Outcome(RunRecord.Status.FINISHED, experience, test.figures());
        }

        /** Whether the iterations are done, or the policy is as good as was asked for. */
        private boolean isDone(TrainingState state) {
            Standing standing = state.memory().stopping();
            return state.memory().experience().iterations()
                            >= config.algorithm().iterations()
                    || (standing != null
                            && standing.best() >= config.examination().stopAt());
        }

        private TrainingState iteration(TrainingState before) throws IOException {
            Experience experience = before.memory().experience();
            int episodes = config.algorithm().episodes();
            List<Episode> lived = actors.live(new Rollout(
                    config.world(),
                    learner.acting(before),
                    seeds,
                    Purpose.EPISODE,
                    0,
                    experience.episodes(),
                    episodes));
            Returns returns = Returns.of(lived);
            Learner.Lesson lesson = learner.learn(before, lived);
            TrainingState state = lesson.state();
            Memory memory = state.memory();
            Experience after = new Experience(
                    experience.iterations() + 1,
                    experience.episodes() + episodes,
                    experience.steps() + returns.steps(),
                    memory.experience().transitions());
            state = state.with(new Memory(memory.stopping(), memory.best(), null, 0, after));
            metrics.evaluation(
                    SplitName.TRAIN,
                    Math.toIntExact(experience.iterations()),
                    after.iterations(),
                    returns.scores(
                            lesson.loss(),
                            Map.of("environment_steps", (double) after.steps(), "optimizer_steps", (double)
                                    state.step())));
            boolean last = after.iterations() == config.algorithm().iterations();
            if (after.iterations() % config.examination().every() != 0 && !last) {
                return state;
            }
            return examined(state, returns);
        }

        /** Remembers the best policy so far. */
        private TrainingState examined(TrainingState state, Returns acting) throws IOException {
            Memory memory = state.memory();
            Experience experience = memory.experience();
            Returns returns = look(state, LOOK);
            metrics.evaluation(
                    SplitName.VALIDATION,
                    Math.toIntExact(experience.iterations() - 1),
                    experience.iterations(),
                    returns.scores(Double.NaN, Map.of()));
            told.accept(String.format(
                    Locale.ROOT,
                    "iteration %,d: return %.2f while learning, %.2f without chance; %,d episodes, %,d steps, %.0f s",
                    experience.iterations(),
                    acting.mean(),
                    returns.mean(),
                    experience.episodes(),
                    experience.steps(),
                    (System.nanoTime() - began) / 1e9));
            Standing before = memory.stopping();
            boolean better = before == null || returns.mean() > before.best();
            return state.with(new Memory(
                    better ? new Standing(returns.mean(), 0) : new Standing(before.best(), before.waited() + 1),
                    better ? state.with(Memory.NOTHING) : memory.best(),
                    null,
                    0,
                    experience));
        }

        /** @param round whose episodes are looked at: the same in each look, so that policies can be compared, but for the last */
        private Returns look(TrainingState state, long round) {
            return Returns.of(actors.live(new Rollout(
                    config.world(),
                    Policy.best(learner.brain(state), space.actions()),
                    seeds,
                    Purpose.EXAMINATION,
                    round,
                    0,
                    config.examination().episodes())));
        }

        private void progress(TrainingState state) {
            Experience experience = state.memory().experience();
            double seconds = (System.nanoTime() - began) / 1e9;
            record = record.with(new RunRecord.Progress(
                            state.step(),
                            (double) experience.iterations(),
                            seconds,
                            (experience.steps() - stepsBefore) / seconds,
                            null))
                    .with(state.provenance());
        }

        private void checkpoint(TrainingState state) throws IOException {
            lock.require();
            metrics.flush();
            checkpoints.write(state, identity);
        }

        /** What is left of the policy that is kept. */
        private void leave(TrainingState best, Returns test) throws IOException {
            NetworkSpec network = config.network();
            if (network != null) {
                folder.write(ModelFile.NAME, out -> ModelFile.write(network, best, out));
            }
            if (config.world().environment() instanceof Grid grid) {
                folder.write(POLICY, String.join("\n", grid.drawn(actions(best))) + "\n");
            }
            record = record.with(new RunRecord.Product(
                    best.step(),
                    test.figures(),
                    best.parametersSha256(),
                    best.optimizerSha256(),
                    network == null ? null : ModelFile.needsLockstep(network),
                    network == null ? null : Updaters.stockName(network.optimizer()),
                    network == null ? null : Updaters.isStock(network.optimizer())));
        }

        /** What is done in each of the states. */
        private int[] actions(TrainingState state) {
            int count = space.states();
            float[] oneHot = new float[count * count];
            IntStream.range(0, count).forEach(i -> oneHot[i * count + i] = 1);
            return learner.brain(state).with(answers -> {
                float[][] said = answers.of(count, IntStream.range(0, count).toArray(), oneHot);
                return IntStream.range(0, count)
                        .map(i -> Policy.best(said[i], space.actions()))
                        .toArray();
            });
        }
    }
}
