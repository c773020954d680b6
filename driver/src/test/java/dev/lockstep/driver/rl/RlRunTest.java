package dev.lockstep.driver.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RlParser;
import dev.lockstep.driver.config.Substitutions;
import dev.lockstep.driver.run.MetricsLine;
import dev.lockstep.driver.run.MetricsLog;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is stopped and gone on with, its remembered steps and its best policy included. */
class RlRunTest {
    private static final String DQN = "environment.name = gridworld, evaluation { every = 2, episodes = 20 }\n"
            + "network.layers = [{ type = dense, units = 8, activation = relu }], train.batch-size = 16\n"
            + "algorithm { name = dqn, iterations = 6, replay = 300, warm-up = 100, updates = 5 }\n";

    private static JavaSparkContext spark;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        spark = SparkApplication.start(SparkApplication.conf("local[2]", "test", null), () -> false);
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private RlRun.Outcome run(String name, String text, BooleanSupplier stop) throws IOException {
        RlRun run = new RlRun(
                RlParser.parse(ConfigFactory.parseString(text), Substitutions.WITHIN),
                at(name),
                "lockstep rl",
                "test",
                line -> {});
        return run.run(() -> spark, stop);
    }

    private RunFolder at(String name) {
        return RunFolder.at(folder.resolve(name).toString(), new Configuration());
    }

    @Test
    void whoGoesOnComesToTheSameBits() throws IOException {
        RlRun.Outcome whole = run("whole", DQN, () -> false);
        assertThat(whole.status()).isEqualTo(RunRecord.Status.FINISHED);
        AtomicInteger asked = new AtomicInteger();
        RlRun.Outcome part = run("parts", DQN, () -> asked.incrementAndGet() > 3);
        assertThat(part.status()).isEqualTo(RunRecord.Status.INTERRUPTED);
        assertThat(part.experience().iterations()).isEqualTo(3);
        assertThat(part.experience().transitions()).hasSize(300 * 35);
        RlRun.Outcome rest = run("parts", DQN, () -> false);
        assertThat(rest.experience()).usingRecursiveComparison().isEqualTo(whole.experience());
        assertThat(rest.test()).isEqualTo(whole.test());
        RunRecord.Product product = RunRecord.read(at("parts")).product();
        assertThat(product).isEqualTo(RunRecord.read(at("whole")).product());
        assertThat(figures("parts")).isEqualTo(figures("whole")).hasSize(6 + 3 + 1);
        run("parts", DQN, () -> false); // once more changes nothing
        assertThat(RunRecord.read(at("parts")).product()).isEqualTo(product);
        assertThat(figures("parts")).isEqualTo(figures("whole"));
        assertThatThrownBy(() -> run("parts", DQN + "algorithm.discount = 0.5", () -> false))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("algorithm.discount is 0.99 there and 0.5 here");
    }

    private List<String> figures(String name) throws IOException {
        List<MetricsLine> lines = new ArrayList<>();
        MetricsLog.read(at(name), lines::add);
        return lines.stream()
                .map(line -> line.step() + " " + line.split() + " " + line.figures())
                .toList();
    }
}
