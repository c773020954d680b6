package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.driver.checkpoint.CheckpointStore;
import dev.lockstep.driver.checkpoint.Fingerprint;
import dev.lockstep.driver.checkpoint.WriteException;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.run.Heartbeat.Rhythm;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.security.PrivilegedExceptionAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.GlobalStorageStatistics;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DFSTestUtil;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run's folder and its checkpoints on a real HDFS (one name node, one data node). */
class HdfsRunTest {
    private static final Map<String, String> RUN = Map.of("seed", "1");
    private static final Rhythm QUICK = new Rhythm(Duration.ofMillis(50), Duration.ofMillis(500));

    @TempDir
    private static java.nio.file.Path storage;

    private static MiniDFSCluster cluster;
    private static DistributedFileSystem hdfs;

    @BeforeAll
    static void start() throws IOException {
        Configuration configuration = new Configuration();
        configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, storage.toString());
        cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
        hdfs = cluster.getFileSystem();
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.shutdown();
        }
    }

    private static RunFolder folder(String name) {
        return RunFolder.at(hdfs.getUri() + "/runs/" + name, new Configuration());
    }

    private static List<String> names(RunFolder folder) throws IOException {
        return Arrays.stream(hdfs.listStatus(folder.path()))
                .map(status -> status.getPath().getName())
                .toList();
    }

    @Test
    void aFileIsReplacedWhole() throws IOException {
        RunFolder folder = folder("replaced");
        assertThat(folder.isEmpty()).isTrue();
        folder.create();
        folder.write("run.json", "one");
        folder.write("run.json", "two");
        assertThat(folder.read("run.json")).asString().isEqualTo("two");
        assertThat(folder.read("none")).isNull();
        assertThat(names(folder)).containsExactly("run.json");
        assertThat(folder.isEmpty()).isFalse();
    }

    /** Between a deletion and a renaming a process can die. */
    @Test
    void aFileIsReplacedInOneStep() throws IOException {
        RunFolder folder = folder("in-one-step");
        folder.write("run.json", "one");
        long deletions = deletions();
        folder.write("run.json", "two");
        assertThat(deletions()).isEqualTo(deletions);
        assertThat(folder.read("run.json")).asString().isEqualTo("two");
    }

    private static long deletions() {
        return GlobalStorageStatistics.INSTANCE.get("DFSOpsCountStatistics").getLong("op_delete");
    }

    @Test
    void aLivingProcessKeepsItsFolder() throws IOException {
        RunFolder folder = folder("alive");
        folder.create();
        Rhythm patient = new Rhythm(QUICK.beat(), Duration.ofMinutes(1)); // a sign of life ends the wait
        try (FolderLock lock = Heartbeat.on(folder, patient)) {
            assertThatThrownBy(() -> Heartbeat.on(folder, patient))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContainingAll("/alive is being written by another process (", "choose another --out");
            lock.require();
            assertThat(lock.isHeld()).isTrue();
        }
        assertThat(names(folder)).isEmpty();
    }

    @Test
    void aDeadProcessLosesItsFolderAfterTheLongestPauseOfALivingOne() throws IOException {
        RunFolder folder = folder("dead");
        folder.write(Heartbeat.FILE, "1@gone some-name 5");
        assertThat(folder.isEmpty()).as("but for what the dead left").isTrue();
        assertThat(Rhythm.USUAL.patience()).isLessThanOrEqualTo(Duration.ofSeconds(30));
        RunFolder own = RunFolder.at(storage.resolve("own").toString(), new Configuration());
        own.create();
        long began = System.nanoTime();
        try (RunLog log = RunLog.ofThread(own);
                FolderLock lock = Heartbeat.on(folder, QUICK)) {
            assertThat(own.read("train.log"))
                    .asString()
                    .contains(
                            "/dead was being written by another process (1@gone): waiting at most 0 s for a sign of life");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(QUICK.patience());
            lock.require();
        }
        assertThat(names(folder)).isEmpty();
    }

    @Test
    void whoComesBackTooLateWritesNoMore() throws IOException {
        RunFolder folder = folder("late");
        folder.create();
        Rhythm late = new Rhythm(Duration.ofMinutes(1), QUICK.patience());
        try (FolderLock lock = Heartbeat.on(folder, late)) {
            folder.write(Heartbeat.FILE, "2@other its-name 1");
            assertThatThrownBy(lock::require)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(
                            "/late was taken over by another process (2@other) while it was being written");
        }
        assertThat(folder.read(Heartbeat.FILE)).asString().isEqualTo("2@other its-name 1");
    }

    @Test
    void aDeletedFolderIsNotMadeAnew() throws IOException {
        RunFolder folder = folder("deleted");
        folder.create();
        try (FolderLock lock = Heartbeat.on(folder, QUICK)) {
            hdfs.delete(folder.path(), true);
            await().until(() -> !lock.isHeld());
            assertThatThrownBy(lock::require).hasMessageContaining("/deleted was deleted or moved while");
        }
        assertThat(hdfs.exists(folder.path())).isFalse();
    }

    @Test
    void aFailureHalfWayLeavesTheOldFileAndNothingElse() throws IOException {
        RunFolder folder = folder("failing");
        folder.write("model.zip", "good");
        IOException failure = new IOException("the disk is full");
        assertThatThrownBy(() -> folder.write("model.zip", out -> {
                    out.write(new byte[100_000]);
                    throw failure;
                }))
                .isInstanceOf(WriteException.class)
                .hasMessageContainingAll("cannot write hdfs://", "/failing/model.zip: the disk is full");
        assertThat(folder.read("model.zip")).asString().isEqualTo("good");
        assertThat(names(folder)).containsExactly("model.zip");
    }

    private static List<Long> steps(RunFolder folder) throws IOException {
        List<Long> steps = new ArrayList<>();
        MetricsLog.read(folder, line -> steps.add(line.step()));
        return steps;
    }

    @Test
    void metricsGoOnWhereTheCheckpointWas() throws IOException {
        RunFolder folder = folder("metrics");
        folder.create();
        Scores scores = Scores.of(0.5, new long[][] {{1, 1}, {0, 2}});
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            log.evaluation(SplitName.TEST, 0, 4, scores);
            log.evaluation(SplitName.TEST, 0, 8, scores);
            log.flush();
            assertThat(steps(folder)).as("read while it is written").containsExactly(4L, 8L);
        }
        try (MetricsLog log = new MetricsLog(folder, 4)) {
            log.evaluation(SplitName.VALIDATION, 0, 6, scores);
        }
        assertThat(steps(folder)).containsExactly(4L, 6L);
    }

    @Test
    void checkpointsAreWrittenPrunedAndReadBack() throws IOException {
        CheckpointStore store = new CheckpointStore(hdfs, new Path("/checkpoints/whole"), Fingerprint.of(RUN));
        assertThat(store.newest(state -> null, warning -> {})).isEmpty();
        for (long step : new long[] {0, 1, 2, 3}) {
            store.write(state(step), RUN);
        }
        store.write(state(3), RUN);
        hdfs.mkdirs(new Path("/checkpoints/whole/.step-00000004"));
        store.deleteUnfinished();
        assertThat(hdfs.listStatus(new Path("/checkpoints/whole"))).hasSize(3);
        TrainingState read = store.newest(state -> null, warning -> {}).orElseThrow();
        assertThat(read.step()).isEqualTo(3);
        assertThat(read.parameters()).containsExactly(3, 0.5f);
    }

    @Test
    void aCheckpointThatHdfsFindsCorruptIsPassedOver() throws Exception {
        CheckpointStore store = new CheckpointStore(hdfs, new Path("/checkpoints/corrupt"), Fingerprint.of(RUN));
        store.write(state(1), RUN);
        store.write(state(2), RUN);
        Path array = new Path("/checkpoints/corrupt/step-00000002/parameters.f32");
        cluster.corruptReplica(0, DFSTestUtil.getFirstBlock(hdfs, array));
        List<String> warnings = new ArrayList<>();
        assertThat(store.newest(state -> null, warnings::add).orElseThrow().step())
                .isEqualTo(1);
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("step-00000002 is damaged: parameters.f32 ")
                .doesNotContain("\n");
        hdfs.delete(new Path("/checkpoints/corrupt/step-00000001"), true);
        assertThatThrownBy(() -> store.newest(state -> null, warnings::add)).isInstanceOf(ModelException.class);
    }

    @Test
    void aFolderThatMayNotBeWrittenIsToldInOneLine() throws Exception {
        UserGroupInformation nobody = UserGroupInformation.createRemoteUser("nobody");
        assertThatThrownBy(() -> nobody.doAs((PrivilegedExceptionAction<Void>) () -> {
                    RunFolder.at(hdfs.getUri() + "/theirs/run", new Configuration())
                            .create();
                    return null;
                }))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("cannot make the folder hdfs://", "Permission denied: user=nobody", "--out")
                .hasMessageNotContaining("\n");
    }

    private static TrainingState state(long step) {
        return new TrainingState(step, new float[] {step, 0.5f}, new float[] {-step});
    }
}
