package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.failure.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class RunReportTest {
    private static final String RUN = """
            {"status": "finished", "exit_code": 0, "run_id": "r1", "command": "train seed=7", "seed": 123456789,
             "spark_master": "local[2]", "shards": 8, "tasks": 2, "batch_size": 128, "parameters": 421642,
             "steps": 1880, "epochs": 2, "examples_per_second": 2287.4, "test_accuracy": 0.90125, "test_loss": 0.28461,
             "parameters_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
             "started": "2026-11-21T20:01:02.123Z", "finished": "2026-11-21T20:05:09.5Z"}""";

    private static final String EVALUATION = """
            {"split": "test", "step": 1880, "loss": 0.28461, "confusion": [[8, 2], [1, 9]], "classes": ["cat", "dog"],
             "samples": [{"index": 3, "label": 1, "predicted": 0, "probabilities": [0.75, 0.25],
                          "shape": [1, 1, 2], "values": "AP8="},
                         {"index": 4, "label": 1, "predicted": 1, "probabilities": [0.1, 0.9],
                          "shape": [2], "values": "AP8="}]}""";

    @TempDir
    private Path directory;

    private Path run;

    @BeforeEach
    void aRun() throws IOException {
        run = Files.createDirectory(directory.resolve("r1"));
        Files.writeString(run.resolve("run.json"), RUN);
    }

    private String report() throws IOException {
        RunReport.write(RunFolder.at(run.toString(), new Configuration()));
        return Files.readString(run.resolve("report.html"));
    }

    private static String train(int step, double loss) {
        return "{\"split\": \"train\", \"epoch\": 0, \"step\": %d, \"loss\": %s, \"accuracy\": 0.5}\n"
                .formatted(step, loss);
    }

    /** What we write is XML too, so an element left open or an unescaped character would show. */
    private static Document parsed(String html) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void showsAWholeRun() throws Exception {
        Files.writeString(run.resolve("metrics.jsonl"), train(1, 2) + train(2, 1) + train(3, 0));
        Files.writeString(run.resolve("evaluation.json"), EVALUATION);
        Files.writeString(run.resolve("config.resolved.conf"), "seed = 7 // \"<&>\"\n");

        String html = report();

        assertThat(html)
                .contains("<title>r1, finished</title>", "<span class=\"badge finished\">✓ finished</span>")
                .contains("<dt>test accuracy</dt><dd>90.13 %</dd>", "<dt>test loss</dt><dd>0.2846</dd>")
                .contains("<dt>steps</dt><dd>1,880</dd>", "<dt>epochs</dt><dd>2</dd>")
                .contains("<dt>examples/s</dt><dd>2,287</dd>", "<dt>duration</dt><dd>4 min 07 s</dd>")
                .contains("<dt>seed</dt><dd>123456789</dd>", "<dt>parameters</dt><dd>421,642</dd>")
                .contains("<dt>started</dt><dd>2026-11-21 20:01:02 UTC</dd>")
                .contains("d=\"M54,10h0L260,120L466,230\"")
                .contains("17 of 20 examples of the test split are right after 1,880 steps: 85.00 %.")
                .contains("Its most frequent mistake: cat taken for dog, 2 of 10.")
                .contains("<h2>Worst mistakes</h2>", "<summary>Examples that it took for what they are</summary>")
                .contains("<code title=\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\" data-copy="
                        + "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\">9f86d081884c…</code>")
                .contains("<p>taken for <b>cat</b></p><p>is <b>dog</b></p>")
                .contains("<pre tabindex=\"0\">seed = 7 // &quot;&lt;&amp;&gt;&quot;\n</pre>");
        Document document = parsed(html);
        assertThat(document.getElementsByTagName("img").getLength()).isEqualTo(1);
        var headers = document.getElementsByTagName("th");
        for (int i = 0; i < headers.getLength(); i++) {
            assertThat(((Element) headers.item(i)).getAttribute("scope")).isIn("row", "col");
        }
        assertThat(run).isDirectoryNotContaining("glob:**.unfinished");
    }

    /** The result, the network, and what else there is; numbers and times as people say them. */
    @Test
    void tellsFirstThingsFirst() throws Exception {
        Files.writeString(
                run.resolve("run.json"),
                RUN.replace(
                        "\"steps\"",
                        "\"training_seconds\": 247.4567, \"test_macro_f1\": 0.8123456789, \"model_needs_lockstep\": false,"
                                + " \"steps\""));
        Files.writeString(run.resolve("metrics.jsonl"), train(1, 2) + train(2, 1));
        Files.writeString(run.resolve("evaluation.json"), EVALUATION);
        Files.writeString(run.resolve("histograms.jsonl"), """
                {"step":0,"layer":"0","what":"weights","low":-2,"high":2,"mean":0,"deviation":0.5,"counts":[1,4,1]}
                """);
        Files.writeString(run.resolve("config.resolved.conf"), """
                network { input = [4], classes = 2, layers = [{ type = output, loss = cross-entropy }] }
                """);

        String html = report();

        assertThat(html)
                .contains("<dt>training time</dt><dd>4 min 07 s</dd>", "<dt>test macro F1</dt><dd>0.8123</dd>")
                .contains("<dt>model needs lockstep</dt><dd>no</dd>")
                .containsSubsequence(
                        "<dt>test accuracy</dt>",
                        "most frequent mistake",
                        "<h2>Training</h2>",
                        "<h2>Evaluation</h2>",
                        "<h2>Worst mistakes</h2>",
                        "<h2>Network</h2>",
                        "<h2>Inside the layers</h2>",
                        "<details><summary>Details</summary>",
                        "<details><summary>Configuration");
        parsed(html);
    }

    private void figures(String test, String line, String evaluation) throws IOException {
        Files.writeString(run.resolve("run.json"), "{\"status\": \"finished\", \"test_loss\": 0.000125" + test + "}");
        Files.writeString(run.resolve("metrics.jsonl"), """
                {"split": "train", "epoch": 0, "step": 1, "loss": 2, "accuracy": null, "learning_rate": 0.1 %1$s}
                {"split": "test", "epoch": 0, "step": 1, "loss": 1, "accuracy": null, "learning_rate": null %1$s}
                """.formatted(line));
        Files.writeString(
                run.resolve("evaluation.json"),
                "{\"split\": \"test\", \"step\": 1880, \"examples\": 1200, \"loss\": 0.000125, \"confusion\": [],"
                        + " \"samples\": []" + evaluation + "}");
    }

    @Test
    void showsARegressionByItsErrors() throws Exception {
        figures(
                ", \"test_rmse\": 0.0158, \"test_mae\": 0.0121, \"test_r2\": 0.99976",
                ", \"rmse\": 0.5, \"mae\": 0.4",
                """
                , "objective": "regression", "rmse": 0.0158, "mae": 0.0121, "r2": 0.99976,
                "of_targets": {"rmse": [0.01, 12345.6], "mae": [0.008, 0.0002], "r2": [0.9999, "NaN"]}""");

        String html = report();

        assertThat(html)
                .contains("<dt>test RMSE</dt><dd>0.0158</dd><", "<dt>test MAE</dt><dd>0.0121</dd>")
                .contains("<dt>test R²</dt><dd>0.9998</dd>", "<dt>test loss</dt><dd>0.000125</dd>")
                .contains("<figcaption>RMSE</figcaption>")
                .contains("1,200 examples of the test split after 1,880 steps: RMSE 0.0158, MAE 0.0121, R² 0.9998."
                        + " The mean loss is 0.000125.")
                .contains("<caption>Figures by value</caption>")
                .contains("<th scope=\"row\">0</th><td>0.0100</td><td>0.0080</td><td>0.9999</td>")
                .contains("<th scope=\"row\">1</th><td>12.35k</td><td>0.0002</td><td>–</td>")
                .doesNotContainIgnoringCase("accuracy", "confusion", "sample predictions", "<dt>test r2");
        parsed(html);
    }

    @Test
    void showsEachOfSeveralLabels() throws Exception {
        figures("", ", \"exact_match\": 0.5, \"macro_f1\": 0.25, \"micro_f1\": 0.3", """
                , "exact_match": 0.75, "macro_f1": 0.5, "micro_f1": 0.6, "auc": 0.875, "classes": ["red", "round"],
                "of_targets": {"examples": [700, 3], "precision": [0.5, 1], "recall": [0.25, 1], "f1": [0.3333, 1],
                               "auc": [0.8, 0.95]}""");

        String html = report();

        assertThat(html)
                .contains("<dt>test exact match</dt><dd>75.00 %</dd>", "<dt>test macro F1</dt><dd>0.5000</dd>")
                .contains("<figcaption>Exact match</figcaption>")
                .contains("exact match 75.00 %, macro F1 0.5000, micro F1 0.6000, AUC 0.8750.")
                .contains("<caption>Figures by label</caption>", "<th scope=\"col\">AUC</th>")
                .contains("<th scope=\"row\">red</th><td>700</td><td>0.5000</td><td>0.2500</td><td>0.3333</td>"
                        + "<td>0.8000</td>")
                .contains("<th scope=\"row\">round</th><td>3</td>")
                .doesNotContainIgnoringCase("accuracy", "confusion");
        parsed(html);
    }

    @Test
    void refusesFiguresThatAreNotOfTheSameValues() throws IOException {
        figures("", "", ", \"rmse\": 1, \"of_targets\": {\"rmse\": [1, 2], \"mae\": [1]}");
        assertThatThrownBy(this::report)
                .isInstanceOf(DataException.class)
                .hasMessageContaining(
                        "evaluation.json: is damaged: of_targets: expected lists of one length, found [2, 1]");
        figures("", "", ", \"rmse\": 1, \"of_targets\": {\"rmse\": 7}");
        assertThatThrownBy(this::report)
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("evaluation.json: is damaged", "of_targets", "lists of numbers");
    }

    @Test
    void loadsNothing() throws Exception {
        Files.writeString(run.resolve("evaluation.json"), EVALUATION);

        String html = report();

        assertThat(html)
                .contains("content=\"default-src &#39;none&#39;;")
                .doesNotContain("http://", "https://", "<link", "url(", "@import", "src=\"/")
                .containsOnlyOnce("<script");
        assertThat(List.of(html.split(" src=\"", -1)))
                .hasSize(2)
                .element(1)
                .asString()
                .startsWith("data:image/png;base64,");
    }

    @Test
    void sameFilesSameReport() throws IOException {
        assertThat(report()).isEqualTo(report());
    }

    @Test
    void showsARunThatHasOnlyBegun() throws Exception {
        Files.writeString(run.resolve("run.json"), "{\"status\": \"running\", \"test_accuracy\": null}");

        String html = report();

        assertThat(html)
                .contains("… running", "<dt>test accuracy</dt><dd>–</dd>", "<dt>duration</dt><dd>–</dd>")
                .contains("No step has been logged.")
                .doesNotContain("<svg", "<table");
        parsed(html);
    }

    @Test
    void takesTheTestFiguresOfTheEvaluationWhileTheRunHasNone() throws Exception {
        Files.writeString(run.resolve("run.json"), "{\"status\": \"interrupted\"}");
        Files.writeString(run.resolve("evaluation.json"), EVALUATION);

        assertThat(report()).contains("<dt>test accuracy</dt><dd>85.00 %</dd>", "<dt>test loss</dt><dd>0.2846</dd>");
    }

    @Test
    void escapesWhatFilesSay() throws Exception {
        String script = "<script>alert(1)</script>";
        Files.writeString(
                run.resolve("run.json"),
                "{\"status\": \"%1$s\", \"command\": \"%1$s\", \"%1$s\": \"%1$s\", \"started\": \"%1$s\"}"
                        .formatted(script));
        Files.writeString(
                run.resolve("metrics.jsonl"),
                "{\"split\": \"train\", \"step\": 1, \"layer_gradient_norms\": {\"%s\": 1}}\n".formatted(script));
        Files.writeString(
                run.resolve("evaluation.json"),
                EVALUATION.replace("cat", script).replace("\"split\": \"test\"", "\"split\": \"" + script + "\""));
        Files.writeString(run.resolve("config.resolved.conf"), script);

        String html = report();

        assertThat(html).containsOnlyOnce("<script").contains("&lt;script&gt;alert(1)&lt;/script&gt;");
        parsed(html);
    }

    @Test
    void staysSmallWhenTheRunIsLong() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int step = 1; step <= 5000; step++) {
            StringBuilder norms = new StringBuilder();
            for (int layer = 0; layer < 30; layer++) {
                norms.append(
                        String.format(Locale.ROOT, "%s\"%d\": %d.5", layer == 0 ? "" : ", ", layer, step * 7919 % 97));
            }
            lines.append(train(step, step * 7919 % 101).replace("}", ", \"layer_gradient_norms\": {" + norms + "}}"));
        }
        Files.writeString(run.resolve("metrics.jsonl"), lines);

        assertThat(report().length()).isBetween(20_000, 900_000);
    }

    /** 100,000 lines, of ten layers: what opens within two seconds. */
    @Test
    void isUnderThreeMegabytesWhateverTheRun() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int step = 1; step <= 100_000; step++) {
            double noise = (step * 7919L % 1009) / 1009.0;
            lines.append("{\"time\":\"")
                    .append(java.time.Instant.EPOCH.plusMillis(step * 37L))
                    .append("\",\"split\":\"train\",\"epoch\":")
                    .append(step / 1000)
                    .append(",\"step\":")
                    .append(step)
                    .append(",\"loss\":")
                    .append(1 + noise)
                    .append(",\"accuracy\":")
                    .append(noise)
                    .append(",\"learning_rate\":")
                    .append(0.001 / step)
                    .append(",\"examples_per_second\":")
                    .append(1000 + noise)
                    .append(",\"exchange_fraction\":")
                    .append(noise / 3)
                    .append(",\"layer_gradient_norms\":{");
            for (int layer = 0; layer < 10; layer++) {
                lines.append(layer == 0 ? "\"" : ",\"")
                        .append(layer)
                        .append("\":")
                        .append(noise + layer);
            }
            lines.append("}}\n");
        }
        Files.writeString(run.resolve("metrics.jsonl"), lines);

        assertThat(report().getBytes(StandardCharsets.UTF_8).length).isBetween(300_000, 3_000_000);
    }

    @Test
    void drawsTheNetworkOfItsConfiguration() throws Exception {
        Files.writeString(run.resolve("config.resolved.conf"), """
                network { input = [1, 8, 8], classes = 2, layers = [
                  { type = convolution, filters = 4, kernel = 3 }, { type = batch-norm }, { type = max-pool, kernel = 2 }
                  { type = output, loss = cross-entropy } ] }
                train.batch-size = 10
                """);

        // 4·9 + 4 = 40 at 36 places, 16 at 36, windows of 4 over 36 values, 36·2 + 2: 2880 + 1152 + 144 + 148.
        assertThat(report())
                .contains(
                        "<h2>Network</h2><p>4 layers, 130 parameters, 122 of them trained (520 bytes as float32); about"
                                + " 4.32 thousand operations for an example forwards, 130 thousand for a step.</p>")
                .contains("<th scope=\"row\">0</th><td>convolution <small>filters=4 kernel=3")
                .contains("<td>4x6x6</td><td class=\"number\">40</td><td class=\"number\">2.88 thousand</td>");
        parsed(report());
    }

    @Test
    void showsHowSureItIs() throws Exception {
        Files.writeString(
                run.resolve("evaluation.json"),
                EVALUATION.replace(
                        "\"samples\"",
                        "\"calibration\": {\"examples\": [0, 30, 10], \"confidence\": [\"NaN\", 0.5, 0.9],"
                                + " \"accuracy\": [\"NaN\", 0.4, 0.5]}, \"samples\""));
        assertThat(report())
                .contains("How sure it is and how often it is right are 17.50 % apart in the mean.")
                .contains("<title>sure by 50.00 %, right in 40.00 % of 30 examples</title>");

        Files.writeString(
                run.resolve("evaluation.json"),
                EVALUATION.replace("\"samples\"", "\"calibration\": {\"examples\": [1]}, \"samples\""));
        assertThatThrownBy(this::report)
                .isInstanceOf(DataException.class)
                .hasMessageContaining("evaluation.json: is damaged: calibration: expected lists of one length");
    }

    @Test
    void showsWhatThereIsToLookAt() throws Exception {
        Files.writeString(run.resolve("evaluation.json"), """
                {"split": "test", "step": 3, "loss": 0.3, "confusion": [[3, 1], [0, 4]], "classes": ["no", "yes"],
                 "roc": {"found": [0, 0.5, 1], "fallout": [0, 0.25, 1], "precision": [1, 0.75, 0.5], "area": 0.625}}""");
        Files.writeString(run.resolve("histograms.jsonl"), """
                {"step":0,"layer":"conv","what":"gradients","low":-2,"high":2,"mean":0,"deviation":0.5,"counts":[1,4,1]}
                {"step":9,"layer":"conv","what":"gradients","low":-1,"high":1,"mean":0,"deviation":0.25,"not_finite":3,"counts":[1,4,1]}
                """);
        Files.writeString(run.resolve("pictures.json"), """
                {"sheets": [{"kind": "filters", "of": "conv", "low": -0.5, "high": 0.5, "shape": [2, 1, 1, 3], "values": "AAECAwQF"}]}""");
        assertThat(report())
                .contains("ROC, area 0.6250")
                .contains("of what is taken for yes, right (precision)")
                .contains("Layer conv: filters, -0.5 to 0.5")
                .contains("Layer conv <span>σ 0.5 → σ 0.25</span>")
                // The newest lies between the ends of the oldest, which has all of the width.
                .contains("d=\"M0,52L34.3,29L103,6L171.7,29L206,52\"")
                .contains("d=\"M51.5,174L68.7,151L103,128L137.3,151L154.5,174\"")
                .contains("after 9 steps: from -1 to 1, mean 0, σ 0.25, 3 values are not finite")
                .containsPattern("(<img src=\"data:image/png;base64,[^\"]*\" alt=\"\"/>){2}</div>");
        parsed(report());

        Files.writeString(run.resolve("histograms.jsonl"), "{\"step\":0,\"layer\":\"conv\",\"what\":\"tea\"}\n");
        assertThatThrownBy(this::report)
                .isInstanceOf(DataException.class)
                .hasMessageContaining("histograms.jsonl: is damaged: expected a layer and what of it, one of [weights,"
                        + " activations, gradients], found conv and tea");
        Files.delete(run.resolve("histograms.jsonl"));
        Files.writeString(run.resolve("pictures.json"), """
                {"sheets": [{"kind": "filters", "of": "conv", "shape": [2, 1, 1, 4], "values": "AAECAwQF"}]}""");
        assertThatThrownBy(this::report)
                .isInstanceOf(DataException.class)
                .hasMessageContaining("pictures.json: is damaged");
        Files.delete(run.resolve("pictures.json"));
        for (String lists :
                new String[] {"\"found\": [], \"fallout\": [], \"precision\": []", "\"found\": [0], \"fallout\": [0]"
                }) {
            Files.writeString(
                    run.resolve("evaluation.json"),
                    "{\"confusion\": [[3, 1], [0, 4]], \"roc\": {" + lists + ", \"area\": 0.5}}");
            assertThatThrownBy(this::report)
                    .isInstanceOf(DataException.class)
                    .hasMessageEndingWith("evaluation.json: is damaged: roc: expected lists of one length, from 1");
        }
    }

    @Test
    void refusesAFolderWithoutARun() throws IOException {
        Files.delete(run.resolve("run.json"));

        assertThatThrownBy(this::report)
                .isInstanceOf(DataException.class)
                .hasMessage("file:" + run + ": holds no run: expected a run.json in it; name the folder that a run was"
                        + " written to");
        assertThat(run.resolve("report.html")).doesNotExist();

        Files.delete(run);
        assertThatThrownBy(this::report).isInstanceOf(DataException.class);
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesADamagedFileInOneLine() throws IOException {
        Files.writeString(run.resolve("metrics.jsonl"), train(1, 2) + "{\"step\": oops\n" + train(2, 1));
        assertThatThrownBy(this::report)
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(
                        "file:" + run + "/metrics.jsonl: is damaged: expected JSON, found: Unrecognized")
                .message()
                .doesNotContain("\n");

        Files.writeString(run.resolve("run.json"), "{\"status\": ");
        assertThatThrownBy(this::report)
                .isInstanceOf(DataException.class)
                .hasMessageContaining("/run.json: is damaged");
    }
}
