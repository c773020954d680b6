package dev.lockstep.driver.run;

import dev.lockstep.driver.checkpoint.CheckpointStore;
import dev.lockstep.driver.checkpoint.Fingerprint;
import dev.lockstep.driver.config.RenamedKeys;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.NetworkSize;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a run finds in its folder that it can go on from. */
final class Resumption {
    private static final Logger LOG = LoggerFactory.getLogger(Resumption.class);

    private final RunConfig config;
    private final Dataset dataset;
    private final RunFolder folder;
    private final String startSha256; // null for parameters by chance
    private final String teacherSha256; // null when nobody teaches
    private final CheckpointStore checkpoints;
    private StartingPoint start; // null for parameters by chance, or when it was taken
    private TeacherModel teacher; // null when nobody teaches, or when it was taken

    Resumption(RunConfig config, Dataset dataset, RunFolder folder) throws IOException {
        this.config = config;
        this.dataset = dataset;
        this.folder = folder;
        this.start = StartingPoint.of(config, folder.files().getConf()); // or it says why not
        this.teacher = TeacherModel.of(config, dataset, folder.files().getConf());
        this.startSha256 = start == null ? null : start.modelSha256();
        this.teacherSha256 = teacher == null ? null : teacher.modelSha256();
        this.checkpoints = checkpoints(config, dataset, folder, models(startSha256, teacher));
    }

    private static CheckpointStore checkpoints(
            RunConfig config, Dataset dataset, RunFolder folder, Map<String, String> models) {
        return new CheckpointStore(folder.files(), folder.path("checkpoints"), fingerprint(config, dataset, models));
    }

    /** What tells apart the models that a run begins from and learns from, by name. */
    private static Map<String, String> models(String startSha256, TeacherModel teacher) {
        Map<String, String> models = new TreeMap<>();
        if (startSha256 != null) {
            models.putAll(StartingPoint.fingerprint(startSha256));
        }
        if (teacher != null) {
            models.putAll(teacher.fingerprint());
        }
        return models;
    }

    /** As {@link TrainingRun#refuseOther}. */
    static void refuseOther(RunConfig config, Dataset dataset, RunFolder folder) throws IOException {
        Configuration hadoop = folder.files().getConf();
        Map<String, String> models =
                models(StartingPoint.sha256(config, hadoop), TeacherModel.of(config, dataset, hadoop));
        checkpoints(config, dataset, folder, models).refuseOther();
    }

    /** What the run begins with, which may be large and is given up to who asks first; null for parameters by chance. */
    StartingPoint takeStart() {
        StartingPoint taken = start;
        start = null;
        return taken;
    }

    /** Of the parameters of the model that it begins with; null for parameters by chance. */
    String startSha256() {
        return startSha256;
    }

    /** Whose outputs the run learns from, given up in the same way; null when nobody's. */
    StoredModel takeTeacher() {
        StoredModel taken = teacher == null ? null : teacher.model();
        teacher = null;
        return taken;
    }

    /** Of the parameters of that model; null when there is none. */
    String teacherSha256() {
        return teacherSha256;
    }

    CheckpointStore checkpoints() {
        return checkpoints;
    }

    /**
     * The newest state to go on from; empty when there is none.
     *
     * @param warnings told of what is passed over
     */
    Optional<TrainingState> newest(Consumer<String> warnings) throws IOException {
        return checkpoints.newest(this::obstacle, warnings);
    }

    /**
     * The record of the run that is resumed; nothing when there is none, or when it is damaged: the checkpoints say enough
     * to write it anew.
     */
    Optional<RunRecord> record(Consumer<String> warnings) throws IOException {
        try {
            MetricsLog.read(folder, line -> {}); // first: when these are damaged, everything stays as it is
        } catch (DamagedFileException e) {
            throw new ModelException(
                    folder.path(MetricsLog.FILE) + " is damaged: " + e.reason()
                            + "; delete it, then resume: its lines are lost, the training is not",
                    e);
        }
        try {
            return Optional.ofNullable(RunRecord.read(folder));
        } catch (DamagedFileException e) {
            LOG.debug("{} cannot be read", RunRecord.FILE, e);
            warnings.accept(folder.path(RunRecord.FILE) + " is damaged; it is written anew, from the checkpoints");
            return Optional.empty();
        }
    }

    /** @throws ModelException when there are checkpoints of another run, or of one that went on beyond this one's end */
    void refuseLonger() throws IOException {
        long end = Trainer.rounds(config, dataset).totalSteps();
        checkpoints
                .newest(this::obstacle, ignored -> {})
                .filter(newest -> newest.step() > end)
                .ifPresent(newest -> {
                    throw new ModelException("the newest checkpoint is at step " + newest.step()
                            + ", behind the run's end at step " + end
                            + "; give more train.epochs or train.iterations");
                });
    }

    /** Why this run cannot go on from a state of it; null when it can. */
    private String obstacle(TrainingState state) {
        if (!Trainer.rounds(config, dataset).isEnd(state.step())) {
            return "is inside a round of train.sync-every = "
                    + config.training().syncEvery() + " steps";
        }
        TrainingState best = state.memory().best();
        NetworkSize size = Networks.size(config.network());
        for (TrainingState each : best == null ? List.of(state) : List.of(state, best)) {
            NetworkSize held = new NetworkSize(each.parameters().length, each.optimizer().length);
            if (!held.equals(size)) {
                return "holds " + held.parameters() + " parameters and " + held.optimizerValues()
                        + " values of optimizer state, but the network has " + size.parameters() + " and "
                        + size.optimizerValues();
            }
        }
        return null;
    }

    /** @param models as {@link #models} has them */
    static Fingerprint fingerprint(RunConfig config, Dataset dataset, Map<String, String> models) {
        Map<String, String> values = config.written().values();
        values.put("examples (SHA-256)", dataset.fingerprint());
        values.putAll(models);
        return new Fingerprint(
                values, config.written().usual(), config.written().free(), RenamedKeys.OURS.now());
    }
}
