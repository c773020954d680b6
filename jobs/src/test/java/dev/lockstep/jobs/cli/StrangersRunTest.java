package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run's folder that somebody else made: what it says is not given the environment, and fetches nothing. */
class StrangersRunTest {
    private static final String REDACTION = "spark.redaction.regex";

    @TempDir
    private Path folder;

    private Path run;

    @BeforeEach
    void aRunThatCouldBeEvaluated() throws IOException {
        run = Files.createDirectory(folder.resolve("run"));
        RunConfig config = RunConfigParser.parse(
                RunConfigParser.override(ConfigFactory.empty(), TinyData.network(folder.resolve("data"))));
        float[] parameters = Networks.initialParameters(config.network(), 1);
        try (OutputStream out = Files.newOutputStream(run.resolve("model.zip"))) {
            ModelFile.write(config.network(), new TrainingState(1, parameters, new float[2 * parameters.length]), out);
        }
        Files.writeString(run.resolve("run.json"), "{\"status\": \"finished\"}");
    }

    @AfterEach
    void nothingWasStarted() {
        System.clearProperty(REDACTION);
        assertThat(SparkEnv.get()).as("Spark").isNull();
    }

    private void configure(String hocon) throws IOException {
        Files.writeString(run.resolve("config.resolved.conf"), hocon);
        Files.writeString(run.resolve("sweep.conf"), hocon);
    }

    private void expectError(int code, String... fragments) {
        Path csv = folder.resolve("p.csv");
        for (List<String> command : List.of(
                List.of("evaluate", "--model", run.toString()),
                List.of("predict", "--model", run.toString(), "--out", csv.toString()),
                List.of("train", "--resume", "--out", run.toString()),
                List.of("sweep", "--resume", "--out", run.toString()))) {
            Cli.run(command).expectError(code, fragments);
        }
        assertThat(csv).doesNotExist();
    }

    @Test
    void theEnvironmentIsNotSentWhereTheFolderSays() throws IOException {
        configure("data.path = \"file:/nowhere/\"${PATH}");
        expectError(2, "not stored with the run, so give it again: data.path = \"file:/nowhere/\"${PATH}");
    }

    @Test
    void nothingIsIncluded() throws IOException {
        configure("include url(\"http://localhost:9/x\")");
        expectError(5, ": includes http://localhost:9/x, but what a run leaves behind includes nothing");
        configure("include \"/etc/passwd\"");
        expectError(5, ": includes /etc/passwd");
    }

    @Test
    void aReportShowsTheConfigurationAsItIsWritten() throws IOException {
        configure("data.path = ${PATH}\ninclude url(\"http://localhost:9/x\")");
        Cli.run("report", run.toString()).expectDone();
        assertThat(run.resolve("report.html")).content().contains("data.path = ${PATH}", "localhost:9");
    }

    @Test
    void anEnsemblesMembersAreStrangersToo() throws IOException {
        configure("data.path = ${PATH}");
        Path ensemble = Files.createDirectory(folder.resolve("ensemble"));
        Files.writeString(ensemble.resolve("ensemble.json"), "{\"combination\":\"average\",\"members\":[\"../run\"]}");
        Cli.run("evaluate", "--model", ensemble.toString())
                .expectError(2, "not stored with the run, so give it again: data.path = ${PATH}");
    }

    /** A run that was made with a secret says so; the key is asked for, by name. */
    @Test
    void aSecretIsAskedForAgain() throws IOException {
        System.setProperty(REDACTION, "^HOME$");
        Path conf = folder.resolve("mine.conf");
        Files.writeString(conf, "data.path = ${HOME}/nowhere\nnetwork.layers = [{ type = output }]");
        Cli.run("train", "--conf", conf.toString(), "--out", folder + "/new")
                .expectError(3, System.getenv("HOME") + "/nowhere", "has no IDX data"); // resolved where it is used
        configure("data.path=${HOME}\"/nowhere\"\nnetwork.layers = [{ type = output }]");
        expectError(2, "give it again: data.path = ${HOME}\"/nowhere\"");
        Cli.run("train", "--resume", "--out", run.toString(), "data.path=" + folder + "/again")
                .expectError(3, folder + "/again", "has no IDX data");
        Cli.run("train", "--resume", "--out", run.toString(), "--conf", conf.toString())
                .expectError(3, System.getenv("HOME") + "/nowhere");
        Cli.run("evaluate", "--model", run.toString(), "--data", folder + "/again")
                .expectError(3, folder + "/again", "has no IDX data");
    }
}
