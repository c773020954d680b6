package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RlCommandTest {
    @TempDir
    private Path folder;

    private JsonNode run(String name, String master, String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--master", master, "--out", folder.resolve(name).toString()));
        Cli.run(List.of("rl"), all.toArray(String[]::new)).expectDone();
        return new ObjectMapper()
                .readTree(folder.resolve(name).resolve("run.json").toFile());
    }

    /** Each square of the 4 x 4 world leads to the nearer corner; of two ways that are as short, either will do. */
    @Test
    void gridWorldIsSolved() throws IOException {
        run("q", "local[2]", "gridworld-q", "algorithm.iterations=60");
        List<String> floor = Files.readAllLines(folder.resolve("q/policy.txt"));
        assertThat(floor.get(0)).matches("G←←[←↓]");
        assertThat(floor.get(1)).matches("↑[←↑][←↓→↑]↓");
        assertThat(floor.get(2)).matches("↑[←↓→↑][↓→]↓");
        assertThat(floor.get(3)).matches("[↑→]→→G");
        assertThat(Files.readAllLines(folder.resolve("q/metrics.jsonl"))).hasSize(60 + 6 + 1);
    }

    /** Of a policy and of remembered steps, whichever tasks act and learn, and through a stop. */
    @Test
    void theBitsAreTheSame() throws IOException {
        for (String exercise : List.of("cartpole-ppo", "gridworld-dqn")) {
            String[] words = {
                exercise,
                "algorithm.iterations=4",
                "algorithm.episodes=20",
                "algorithm.epochs=2",
                "evaluation.every=2",
                "evaluation.episodes=20"
            };
            words[3] = exercise.endsWith("ppo") ? words[3] : "algorithm.warm-up=100";
            JsonNode alone = run(exercise + "-1", "local[1]", words);
            JsonNode gang = run(exercise + "-2", "local[2]", concat(words, "train.exchange=gang"));
            assertThat(gang.path("parameters_sha256")).isEqualTo(alone.path("parameters_sha256"));
            assertThat(gang.path("optimizer_sha256")).isEqualTo(alone.path("optimizer_sha256"));
            assertThat(gang.path("test_return")).isEqualTo(alone.path("test_return"));
            assertThat(alone.path("steps").asInt()).isPositive();
            Path resumed = folder.resolve(exercise + "-2");
            Files.delete(resumed.resolve("run.json"));
            JsonNode again = run(exercise + "-2", "local[2]", "--resume");
            assertThat(again.path("parameters_sha256")).isEqualTo(alone.path("parameters_sha256"));
        }
    }

    private static String[] concat(String[] words, String more) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add(more);
        return all.toArray(String[]::new);
    }

    @Test
    void whatCannotBeIsSaidInALine() {
        Cli.run("rl", "gridworld-p").expectError(2, "there is no exercise 'gridworld-p'; the nearest is gridworld-q");
        Cli.run("rl", "gridworld-q", "--conf", "x").expectError(2, "is given together with the exercise gridworld-q");
        Cli.run("rl", "algorithm.name=pp0").expectError(2, "algorithm.name: expected one of", "is it ppo?");
        Cli.run("rl", "--resume", "--out", folder.resolve("none").toString())
                .expectError(5, "there is no run to go on with");
    }
}
