package dev.lockstep.jobs.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.live.LiveReport;
import dev.lockstep.driver.report.CompareReport;
import dev.lockstep.driver.report.ComparedRun;
import dev.lockstep.driver.report.RunReport;
import dev.lockstep.driver.report.SweepReport;
import dev.lockstep.driver.run.RunFolder;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reports as a browser shows them, on a wide screen and a phone's, light and dark: no error of the script, nothing beyond the edge,
 * nothing over another; what a reader moves over, drags and presses does what it should ({@code probe.js}).
 */
class PagesInABrowserTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WIDE = 1280;
    private static final int NARROW = 400;

    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome", "chrome");

    /** A window can be no narrower than 500 pixels, a frame can; each has its notes in a field of the page around them. */
    private static final String FRAMES = """
            <!DOCTYPE html><html style="color-scheme: light dark"><body style="margin: 0">
            <script>addEventListener('message', event => {
              const frames = [...document.querySelectorAll('iframe')];
              frames.find(frame => frame.contentWindow === event.source).dataset.probe = event.data;
            });</script>
            %s</body></html>
            """;

    private static final String FRAME =
            "<iframe src=\"%s\" style=\"border: 0; width: %dpx; height: 900px\"></iframe>\n";

    /** They have no charts; what they draw stands elsewhere. */
    private static final String WITHOUT_CHARTS = ".*/(1_2_chain_rule|2_6_im2col|boosted)/.*";
    /** The table of a course's exercises. */
    private static final String WITHOUT_DRAWINGS = ".*/course/[^/]*";

    @TempDir
    private static Path folder;

    private static Path browser;
    private static String probe;

    @BeforeAll
    static void find() throws IOException {
        browser = NAMES.stream()
                .flatMap(name -> List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
                        .map(place -> Path.of(place, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        if (browser == null) {
            String note =
                    "NOT TESTED: how reports look in a browser, for there is none; install chromium (.ci/run does)";
            System.out.println(note);
            abort(note);
        }
        try (InputStream in = PagesInABrowserTest.class.getResourceAsStream("/reports/probe.js")) {
            probe = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static RunFolder at(Path place) {
        return RunFolder.at(place.toString(), new Configuration());
    }

    /** A run's files, its curves falling towards {@code floor}. */
    private static Path run(Path place, double floor, double rate) throws IOException {
        Files.createDirectories(place);
        StringBuilder lines = new StringBuilder();
        for (int step = 1; step <= 1200; step++) {
            double loss = floor + 2 * Math.exp(-step / 200.0) + (step * 7919 % 101) / 500.0;
            lines.append(String.format(
                    Locale.ROOT,
                    "{\"time\":\"2026-11-25T10:%02d:%02d.000Z\",\"split\":\"train\",\"epoch\":%d,\"step\":%d,\"loss\":%.5f,\"accuracy\":%.4f,"
                            + "\"learning_rate\":%s,\"examples_per_second\":%d,\"exchange_fraction\":0.125,"
                            + "\"layer_gradient_norms\":{\"0\":%.4f,\"1\":%.4f}}%n",
                    step / 60,
                    step % 60,
                    step / 400,
                    step,
                    loss,
                    Math.max(0, 1 - loss / 3),
                    rate,
                    1000 + step % 37,
                    loss,
                    2 * loss));
            if (step % 100 == 0) {
                lines.append(String.format(
                        Locale.ROOT,
                        "{\"time\":\"2026-11-25T10:%02d:%02d.500Z\",\"split\":\"test\",\"epoch\":%d,\"step\":%d,\"loss\":%.5f,\"accuracy\":%.4f,"
                                + "\"learning_rate\":null}%n",
                        step / 60,
                        step % 60,
                        step / 400,
                        step,
                        loss + 0.1,
                        1 - loss / 3));
            }
        }
        Files.writeString(place.resolve("metrics.jsonl"), lines);
        Files.writeString(place.resolve("run.json"), """
                {"status": "finished", "exit_code": 0, "run_id": "0f0e0d0c-1111-2222-3333-444455556666", "seed": 1, "steps": 1200,
                 "command": "lockstep train --conf a-configuration-with-a-long-name --out /a/folder/that/is/deep/down/in/others",
                 "epochs": 3, "examples_per_second": 1018.2, "training_seconds": 75.5, "parameters": 421642, "test_accuracy": 0.9012,
                 "test_loss": 0.3, "parameters_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                 "started": "2026-11-25T10:00:00.123Z", "finished": "2026-11-25T10:20:05.5Z"}""");
        Files.writeString(place.resolve("config.resolved.conf"), """
                name = x, optimizer.learning-rate = %s
                network { input = [1, 28, 28], classes = 10, weight-init = he, layers = [
                  { name = a-layer-with-a-long-name, type = convolution, filters = 20, kernel = 5 }, { type = batch-norm }, { type = activation, function = relu }
                  { type = max-pool, kernel = 2 }
                  { type = residual, layers = [{ type = convolution, filters = 20, kernel = 3, padding = 1 }] }
                  { type = dense, units = 100, activation = relu }, { type = dropout, ratio = 0.3 }
                  { type = output, loss = cross-entropy } ] }
                """.formatted(rate));
        Files.writeString(place.resolve("evaluation.json"), evaluation());
        return place;
    }

    /** What there is besides of a network of images whose layers were looked into. */
    private static void looked(Path run) throws IOException {
        StringBuilder histograms = new StringBuilder();
        for (int step = 0; step <= 1200; step += 100) {
            for (String what : List.of("weights", "activations", "gradients")) {
                for (int layer = 0; layer < 4; layer++) {
                    double width = (layer + 1) * Math.exp(-step / 600.0);
                    histograms.append(String.format(
                            Locale.ROOT,
                            "{\"step\":%d,\"layer\":\"%d\",\"what\":\"%s\",\"low\":%.4f,\"high\":%.4f,\"mean\":0,\"deviation\":%.5f,"
                                    + "\"counts\":[1,3,9,20,30,25,12,8,3,1]}%n",
                            step,
                            layer,
                            what,
                            -width,
                            width,
                            width / 3));
                }
            }
        }
        Files.writeString(run.resolve("histograms.jsonl"), histograms);
        byte[] grey = new byte[20 * 5 * 5];
        byte[] colour = new byte[8 * 3 * 12 * 12];
        for (int i = 0; i < colour.length; i++) {
            colour[i] = (byte) (i * 31);
            grey[i % grey.length] = (byte) (i * 7);
        }
        Files.writeString(run.resolve("pictures.json"), """
                {"sheets": [{"kind": "filters", "of": "0", "low": -0.5, "high": 0.5, "shape": [20, 1, 5, 5], "values": "%s"},
                 {"kind": "augmented", "of": "1", "low": 0, "high": 1, "shape": [8, 3, 12, 12], "values": "%s"}]}""".formatted(
                Base64.getEncoder().encodeToString(grey), Base64.getEncoder().encodeToString(colour)));
        Files.writeString(run.resolve("evaluation.json"), """
                {"split": "test", "step": 1200, "loss": 0.3, "confusion": [[90, 10], [20, 80]], "classes": ["no", "a class with a longer name"],
                 "calibration": {"examples": [5, 50, 200], "confidence": [0.3, 0.6, 0.9], "accuracy": [0.2, 0.5, 0.95]},
                 "roc": {"found": [0, 0.5, 1], "fallout": [0, 0.25, 1], "precision": [1, 0.75, 0.5], "area": 0.625}}""");
    }

    private static String evaluation() {
        String[] rows = new String[10];
        List<String> samples = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String[] row = new String[10];
            for (int j = 0; j < 10; j++) {
                row[j] = Integer.toString(i == j ? 170 : (i * 3 + j) % 7);
            }
            rows[i] = "[" + String.join(",", row) + "]";
            samples.add(
                    "{\"index\": %d, \"label\": %d, \"predicted\": %d, \"probabilities\": [%s], \"shape\": [1, 2, 2], \"values\": \"AID/QA==\"}"
                            .formatted(i, i, (i + i % 2) % 10, "0.1,".repeat(9) + "0.1"));
        }
        return "{\"split\": \"test\", \"step\": 1200, \"loss\": 0.3, \"confusion\": [" + String.join(",", rows)
                + "], \"classes\": "
                + "[\"T-shirt/top\", \"trouser\", \"pullover\", \"dress\", \"coat\", \"sandal\", \"shirt\", \"sneaker\", \"bag\", \"ankle boot\"],"
                + " \"calibration\": {\"examples\": [5, 50, 200], \"confidence\": [0.3, 0.6, 0.9], \"accuracy\": [0.2, 0.5, 0.95]},"
                + " \"samples\": [" + String.join(",", samples) + "]}";
    }

    /** @return what the probe found on the pages, on a wide screen and light */
    private static List<JsonNode> check(Path... pages) throws Exception {
        check(true, pages);
        return check(false, pages);
    }

    /**
     * A page with the probe before its own script, so that its errors are heard.
     *
     * @param scripted whether it has that script
     */
    private static URI probed(Path page, boolean scripted) throws Exception {
        String html = Files.readString(page);
        String hash = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(probe.getBytes(StandardCharsets.UTF_8)));
        String policy = "script-src ";
        assertThat(html).containsOnlyOnce(policy).containsOnlyOnce("<script>");
        String own = html.substring(html.indexOf("<script>"), html.indexOf("</script>") + "</script>".length());
        Path probed = page.resolveSibling(scripted ? "probed.html" : "probed-without-its-script.html");
        Files.writeString(
                probed,
                (scripted ? html : html.replace(own, ""))
                        .replace(policy, policy + "&#39;sha256-" + hash + "&#39; ")
                        .replace("</head>", "<script>" + probe + "</script></head>"));
        return probed.toUri();
    }

    /** What a browser made of an address, when all is quiet. */
    private static String dom(boolean dark, String address) throws Exception {
        Process process = new ProcessBuilder(
                        browser.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--hide-scrollbars",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--window-size=1280,900",
                        "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
                        "--enable-logging=stderr",
                        "--virtual-time-budget=2000",
                        "--dump-dom",
                        address)
                .redirectError(folder.resolve("stderr").toFile())
                .redirectOutput(folder.resolve("dom").toFile())
                .start();
        if (!process.waitFor(3, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("the browser did not end within three minutes: " + address);
        }
        assertThat(Files.readAllLines(folder.resolve("stderr")))
                .as(address)
                .noneMatch(line -> line.contains("CONSOLE"));
        return Files.readString(folder.resolve("dom"));
    }

    private static List<JsonNode> check(boolean dark, Path... pages) throws Exception {
        List<Frame> all = new ArrayList<>();
        for (int width : new int[] {WIDE, NARROW}) {
            for (Path page : pages) {
                all.add(new Frame(page, width, dark, true));
            }
            all.add(new Frame(pages[0], width, dark, false));
        }
        StringBuilder frames = new StringBuilder();
        for (Frame frame : all) {
            frames.append(FRAME.formatted(frame.address(), frame.width()));
        }
        Path around = Files.writeString(folder.resolve("frames.html"), FRAMES.formatted(frames));
        List<JsonNode> notes = new ArrayList<>();
        Matcher found = Pattern.compile("data-probe=\"([^\"]*)\"")
                .matcher(dom(dark, around.toUri().toString()));
        while (found.find()) {
            notes.add(JSON.readTree(
                    found.group(1).replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&")));
        }
        assertThat(notes).as("frames that were looked at").hasSameSizeAs(all);
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < notes.size(); i++) {
            problems.addAll(all.get(i).problems(notes.get(i)));
        }
        assertThat(problems).isEmpty();
        return notes.subList(0, pages.length);
    }

    /**
     * A page as it is looked at.
     *
     * @param scripted whether it has its script
     */
    private record Frame(Path page, int width, boolean dark, boolean scripted) {

        /** A reader's doings need be done once for each width. */
        String address() throws Exception {
            return probed(page, scripted) + (scripted && dark == (width == NARROW) ? "#walk" : "");
        }

        List<String> problems(JsonNode note) {
            List<String> problems = new ArrayList<>();
            if (note.path("scripted").asBoolean() != scripted
                    || note.path("dark").asBoolean() != dark
                    || note.path("wide").asInt() != width) {
                problems.add(this + ": was not shown so: " + note);
            }
            if (note.path("page").asInt() != width) {
                problems.add(this + ": is " + note.path("page") + " pixels wide");
            }
            for (String none : List.of("errors", "fails", "out", "over", "cut")) {
                if (!note.path(none).isEmpty()) {
                    problems.add(this + ": " + none + " " + note.path(none));
                }
            }
            String drawn = page.toString().matches(WITHOUT_CHARTS) ? "shapes" : "curves";
            if (note.path(drawn).asInt() == 0 && !page.toString().matches(WITHOUT_DRAWINGS)) {
                problems.add(this + ": nothing is drawn");
            }
            return problems;
        }
    }

    /** A browser takes a second to start: so many pages at once. */
    @Test
    void runsComparisonsAndSweeps() throws Exception {
        Path run = run(folder.resolve("run"), 0.2, 0.1);
        RunReport.write(at(run));
        Path looked = run(folder.resolve("looked"), 0.2, 0.1);
        looked(looked);
        RunReport.write(at(looked));
        Path compared = comparison();
        Path sweep = sweepOfTwentyFour();
        List<JsonNode> found = check(
                run.resolve("report.html"),
                looked.resolve("report.html"),
                compared.resolve("report.html"),
                sweep.resolve("report.html"));
        assertThat(found.get(3).path("scrolls"))
                .as("no column runs off the edge of a wide screen")
                .isEmpty();
        assertThat(sweep.resolve("report.html"))
                .content()
                .contains("data-copy=\"lockstep train --conf lenet", "<th scope=\"row\">optimizer.name</th>")
                .contains("Successive halving", "<td>12</td><td class=\"lines\">013, 014, 015, 016, 017, 018, ...</td>")
                .contains("test-accuracy, by optimizer.name (down) and optimizer.learning-rate (across)");
    }

    /** The script of a page that is watched is let run: it asks for more, draws the page anew, and sees how the run ended. */
    @Test
    void aPageThatIsWatched() throws Exception {
        Path run = run(folder.resolve("watched"), 0.2, 0.1);
        LiveReport live = new LiveReport(at(run), 0);
        assertThat(dom(false, live.address()))
                .contains("<title>watched, finished</title>", "class=\"toolbar\"", "class=\"tools\"");
        assertTimeoutPreemptively(Duration.ofSeconds(8), live::close, "nobody is waited for who has the last page");
    }

    private static Path comparison() throws IOException {
        List<ComparedRun> runs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            runs.addAll(ComparedRun.in(at(run(folder.resolve("compared/a-run-with-a-name-" + i), 0.1 * i, 0.1 * i))));
        }
        Path out = Files.createDirectories(folder.resolve("compare"));
        new CompareReport(runs).write(at(out));
        return out;
    }

    private static Path sweepOfTwentyFour() throws IOException {
        Path sweep = Files.createDirectories(folder.resolve("sweep"));
        StringBuilder trials = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            String name = String.format(Locale.ROOT, "%03d", i + 1);
            run(sweep.resolve("trials/" + name), 0.02 * i, 0.1);
            trials.append(String.format(
                    Locale.ROOT,
                    "{\"trial\":\"%s\",\"status\":\"finished\",\"rank\":%d,\"values\":{\"optimizer.learning-rate\":\"%s\",\"train.batch-size\":\"%d\","
                            + "\"optimizer.name\":\"%s\"},\"metric\":\"test-accuracy\",\"value\":%.4f,\"test_accuracy\":%.4f,\"test_loss\":0.4,\"steps\":1200,"
                            + "\"exit_code\":0,\"error\":null,\"rung\":%d,\"seconds\":12.5,\"examples_per_second\":99.5}%n",
                    name,
                    i + 1,
                    List.of("0.1", "0.01", "0.001", "0.0001").get(i % 4),
                    32 << (i / 4 % 3),
                    i < 12 ? "adam" : "sgd",
                    0.95 - 0.01 * i,
                    0.95 - 0.01 * i,
                    i < 6 ? 2 : i < 12 ? 1 : 0));
        }
        Files.writeString(sweep.resolve("trials.jsonl"), trials);
        Files.writeString(sweep.resolve("sweep.json"), """
                {"status": "finished", "command": "lockstep sweep", "train": "lockstep train", "metric": "test-accuracy", "trials": 24,
                 "best_trial": "001", "best_command": "lockstep train --conf lenet optimizer.learning-rate=0.1 train.batch-size=32 optimizer.name=adam",
                 "seconds": 99.5}""");
        SweepReport.write(at(sweep));
        return sweep;
    }

    @Test
    void exercises() throws Exception {
        Path course = folder.resolve("course");
        Path trained = course.resolve("2_4_optimizer");
        run(trained.resolve("trials/sgd"), 0.5, 0.1);
        run(trained.resolve("trials/adam"), 0.1, 0.1);
        Files.writeString(trained.resolve("course.json"), """
                {"exercise": "2_4_optimizer", "row": "2_4", "title": "Optimizers", "about": "784-40-20-10", "saw": "", "seeds": 1, "data": "bundled",
                 "overrides": [], "variants": [
                   {"name": "sgd", "saw": {"test": [0.8, 0.85]}, "trials": ["sgd"]}, {"name": "adam", "saw": {"test": [0.9, 0.95]}, "trials": ["adam"]},
                   {"name": "never", "trials": ["never"]}],
                 "histograms": [{"variant": "sgd", "layer": "1", "what": "activations", "low": -1.5, "high": 2.5, "before": [1, 5, 2], "after": [3, 3, 3],
                   "spreadBefore": 0.5, "spreadAfter": 0.25}],
                 "attention": [{"variant": "adam", "layer": "1", "head": 2, "diagonal": 0.75, "antiDiagonal": 0.125,
                   "weights": [[0.5, 0.5, 0], [0, 0.25, 0.75], [0, 0, 1]]}],
                 "ensembles": [{"method": "bagging", "trials": ["sgd"], "memberAccuracy": [0.5], "accuracy": [0.6],
                   "before": {"bias": 0.1, "variance": 0.2}, "after": {"bias": 0.1, "variance": 0.1}}]}""");
        ExerciseReport.write(at(trained));
        List<Path> pages = new ArrayList<>(List.of(trained.resolve("report.html")));
        pages.add(worked(course, "1_2_chain_rule"));
        pages.add(worked(course, "2_6_im2col"));
        pages.add(figure(course, "activations", "2_2_1"));
        pages.add(figure(course, "loss-surface", "2_4_tries"));
        pages.add(figure(course, "norm-balls", "2_5"));
        pages.add(figure(
                course,
                "heat",
                "grid",
                "sgd 0.1 he plain",
                "sgd 0.1 he bn",
                "rms-prop 0.1 he plain",
                "rms-prop 0.1 he bn"));
        Path weights = Files.createDirectories(course.resolve("boosted/weights"));
        Files.writeString(weights.resolve("boosting-1.txt"), "0.25\n0.25\n0.25\n0.25\n");
        Files.writeString(weights.resolve("boosting-2.txt"), "0.1\n0.5\n0.3\n0.1\n");
        pages.add(figure(course, "resample-weights", "boosted"));
        CourseReport.write(at(course));
        pages.add(course.resolve("report.html"));
        check(pages.toArray(Path[]::new));
        assertThat(course.resolve("grid/report.html"))
                .content()
                .contains("<th scope=\"row\">rms-prop 0.1</th>", "<th scope=\"col\">he bn</th>");
        assertThat(course.resolve("boosted/report.html"))
                .content()
                .contains("<td>2 times</td>", "<td>" + Math.round(1 / (0.01 + 0.25 + 0.09 + 0.01)) + "</td>");
        assertThat(trained.resolve("report.html"))
                .content()
                .contains("<a href=\"trials/adam/report.html\">adam</a>", "1, head 2: diagonal 75");
    }

    /** The page of an exercise that trains nothing, as it is run. */
    private static Path worked(Path course, String name) throws IOException {
        CoursePlan plan = new CoursePlan(Course.named(List.of(name)), List.of(), null, null, 0, null);
        Path place = Files.createDirectories(course.resolve(name));
        WorkedExercise exercise = (WorkedExercise) plan.exercises().get(0);
        Result.of(exercise, plan).with(exercise.worked(plan)).write(at(place));
        ExerciseReport.write(at(place));
        return place.resolve("report.html");
    }

    /**
     * The page of an exercise with a figure of its own.
     *
     * @param variants each what it has of the lists of a grid, with blanks between
     */
    private static Path figure(Path course, String figure, String name, String... variants) throws IOException {
        Path place = Files.createDirectories(course.resolve(name));
        List<String> all = new ArrayList<>();
        for (String along : variants) {
            String variant = along.replace(' ', '-');
            run(place.resolve("trials/" + variant), 0.1 * (1 + all.size()), 0.1);
            all.add("{\"name\": \"%s\", \"trials\": [\"%s\"], \"along\": [\"%s\"]}"
                    .formatted(variant, variant, along.replace(" ", "\", \"")));
        }
        Files.writeString(
                place.resolve("course.json"),
                "{\"exercise\": \"%s\", \"title\": \"%s\", \"figure\": \"%s\", \"note\": \"A note.\", \"variants\": [%s]}"
                        .formatted(name, name, figure, String.join(",", all)));
        ExerciseReport.write(at(place));
        return place.resolve("report.html");
    }
}
