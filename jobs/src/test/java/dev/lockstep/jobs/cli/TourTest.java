package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/tour.md, one after the other, as they stand there. */
class TourTest {
    @TempDir
    private Path folder;

    private List<String> words(String command) {
        return Pattern.compile("'([^']*)'|\\S+")
                .matcher(command)
                .results()
                .skip(1) // bin/lockstep
                .map((MatchResult word) -> word.group(1) == null ? word.group() : word.group(1))
                .map(word -> word.startsWith("runs/")
                        ? folder.resolve(word.substring(5)).toString()
                        : word)
                .toList();
    }

    @Test
    void everyCommandDoesWhatTheTourSays() throws IOException {
        List<String> commands = Files.readAllLines(Path.of("../docs/tour.md")).stream()
                .filter(line -> line.startsWith("bin/lockstep "))
                .toList();
        assertThat(commands).hasSizeGreaterThan(8);
        List<String> printed = new ArrayList<>();
        for (String command : commands) {
            printed.add(Cli.run(words(command), new String[0]).expectDone().out());
        }
        assertThat(printed.get(0).lines().toList().subList(0, 3))
                .satisfiesExactly(
                        data -> assertThat(data).startsWith("data: 12,000 training and 2,000 test examples of "),
                        network -> assertThat(network).startsWith("network: 3 layers, 32,430 parameters, about "),
                        cluster -> assertThat(cluster).startsWith("cluster: local["));
        assertThat(printed.get(0))
                .contains("next: lockstep evaluate --model " + folder.resolve("a"))
                .containsPattern("test accuracy 0\\.\\d{4}, loss \\d\\.\\d{4}; report: .*/a/report.html\\R$");
        assertThat(printed.get(2)).contains("the same model: a, b");
        assertThat(printed.get(printed.size() - 1)).contains("step 250/250");
    }
}
