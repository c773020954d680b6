package dev.lockstep.jobs;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the text of the main code keeps to; what its classes keep to is in {@link ArchitectureTest}. */
final class SourcesTest {
    private static final Pattern NESTED_IMPORT =
            Pattern.compile("(?m)^import dev[.]lockstep[.a-z0-9]*[.][A-Z]\\w*[.](\\w+);");

    private static final Pattern RUN = Pattern.compile("(?s)\n    public \\w+ run\\(.*?\n    }\n");

    @Test
    void everyPackageSaysWhatItIs() throws IOException {
        assertThat(sources()).allSatisfy(file -> assertThat(file.resolveSibling("package-info.java"))
                .exists());
    }

    @Test
    void everyPackageIsOnThePageThatShowsTheHouse() throws IOException {
        String page = Files.readString(Path.of("../docs/how-it-works.md"));
        String house = page.substring(page.indexOf("## The house"));
        for (Path file : sources()) {
            String room = file.getParent().getFileName().toString();
            assertThat(house).containsPattern("\\b" + room + "\\b");
        }
    }

    /** Nested classes go by the name of the class around them. */
    @Test
    void noTwoClassesHaveOneName() throws IOException {
        Map<String, List<Path>> names =
                sources().stream().collect(groupingBy(file -> file.getFileName().toString()));
        names.remove("package-info.java");
        assertThat(names).allSatisfy((name, files) -> assertThat(files).hasSize(1));
        Set<String> reached = new HashSet<>();
        for (Path file : sources()) {
            if (Files.readString(file).contains("\npublic ")) {
                reached.add(file.getFileName().toString().replace(".java", ""));
            }
        }
        for (Path file : sources()) {
            assertThat(NESTED_IMPORT.matcher(Files.readString(file)).results().map(match -> match.group(1)))
                    .as("what %s does not name in full", file)
                    .doesNotContainAnyElementsOf(reached);
        }
    }

    /** What grows beyond that has become two things. */
    @Test
    void filesAreShort() throws IOException {
        for (Path file : sources()) {
            assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(400);
        }
    }

    /** The two loops that everything is trained by are read at one glance. */
    @Test
    void theLoopsFitOnAPage() throws IOException {
        for (String loop : List.of("StepLoop.java", "TrainingLoop.java")) {
            Path file = sources().stream()
                    .filter(each -> each.endsWith(loop))
                    .findFirst()
                    .orElseThrow();
            String run = RUN.matcher(Files.readString(file))
                    .results()
                    .findFirst()
                    .orElseThrow()
                    .group();
            assertThat(run.strip().lines()).as(loop).hasSizeBetween(10, 60);
        }
    }

    /** Of all modules; what there is once for each line of Spark aside. */
    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : List.of("worker-lib", "driver", "dl4j-spark", "jobs", "bench")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }
}
