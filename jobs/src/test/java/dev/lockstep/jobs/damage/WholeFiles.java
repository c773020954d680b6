package dev.lockstep.jobs.damage;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/** Small files as Lockstep writes them. */
final class WholeFiles {
    static final String RUN = """
            {
              "status" : "finished", "exit_code" : 0, "version" : "1", "run_id" : "a", "name" : "x", "command" : "lockstep train",
              "seed" : 1, "started" : "2024-05-01T10:00:00Z", "finished" : "2024-05-01T10:01:00.5Z", "shards" : 4,
              "batch_size" : 128, "spark_master" : "local[2]", "spark_application_id" : "b", "tasks" : 2, "parameters" : 123,
              "steps" : 30, "epochs" : 2.5, "training_seconds" : 1.5, "examples_per_second" : 1234.5, "seconds" : 3.5,
              "model_step" : 30, "test_accuracy" : 0.91, "test_loss" : 0.3, "parameters_sha256" : "c", "optimizer_sha256" : "d"
            }
            """;

    static final String METRICS = IntStream.rangeClosed(1, 12)
            .mapToObj(step -> step % 4 == 0
                    ? "{\"schema\":1,\"time\":\"t\",\"epoch\":%d,\"step\":%d,\"split\":\"%s\",\"loss\":0.5,\"accuracy\":0.75,"
                                    .formatted(step / 5, step, step % 8 == 0 ? "test" : "validation")
                            + "\"learning_rate\":null,\"gradient_norm\":null}\n"
                    : "{\"schema\":1,\"time\":\"t\",\"epoch\":%d,\"step\":%d,\"split\":\"train\",\"loss\":%s,\"accuracy\":0.5,"
                                    .formatted(step / 5, step, 2.0 / step)
                            + "\"learning_rate\":0.1,\"examples_per_second\":99.5,\"exchange_fraction\":0.25,"
                            + "\"gradient_norm\":1.5,\"layer_gradient_norms\":{\"0\":1.25,\"2\":0.5}}\n")
            .collect(Collectors.joining());

    static final String EVALUATION = """
            {
              "split" : "test", "step" : 30, "loss" : 0.25, "accuracy" : 0.75, "confusion" : [[5,1],[2,7]],
              "classes" : ["a", "b"],
              "roc" : { "found" : [0, 0.5, 1], "fallout" : [0, 0.25, 1], "precision" : [1, 0.5, 0.5], "area" : 0.75 },
              "samples" : [
                { "index" : 0, "label" : 0, "predicted" : 1, "probabilities" : [0.3, 0.7], "shape" : [1, 2, 3], "values" : "AAECAwQF" },
                { "index" : 1, "label" : 1, "predicted" : 1, "probabilities" : [0.2, 0.8], "shape" : [3, 1, 2], "values" : "AAECAwQF" }
              ]
            }
            """;

    static final String HISTOGRAMS = """
            {"schema":1,"step":0,"layer":"0","what":"weights","low":-1.5,"high":2.5,"mean":0.5,"deviation":0.25,"not_finite":0,"counts":[1,5,2]}
            {"schema":1,"step":9,"layer":"0","what":"weights","low":-0.5,"high":2.5,"mean":0.5,"deviation":0.5,"not_finite":1,"counts":[1,5,2]}
            {"schema":1,"step":9,"layer":"0","what":"gradients","low":"NaN","high":"NaN","mean":"NaN","deviation":"NaN","not_finite":8,"counts":[0,0,0]}
            """;

    static final String PICTURES = """
            {
              "sheets" : [
              { "kind" : "filters", "of" : "0", "low" : -0.5, "high" : 0.5, "shape" : [2, 1, 1, 3], "values" : "AAECAwQF" },
              { "kind" : "augmented", "of" : "1", "low" : 0, "high" : 1, "shape" : [2, 3, 1, 1], "values" : "AAECAwQF" }
              ]
            }
            """;

    static final String SWEEP = """
            {
              "status" : "finished", "exit_code" : 0, "version" : "1", "command" : "lockstep sweep", "train" : "lockstep train",
              "metric" : "test-accuracy", "trials" : 2, "started" : "2024-05-01T10:00:00Z", "slots" : 2, "best_trial" : "001",
              "best_command" : "lockstep train seed=1", "seconds" : 4.5, "trial_seconds" : 8.5
            }
            """;

    static final String TRIALS = """
            {"trial":"001","status":"finished","rank":1,"values":{"optimizer.learning-rate":"0.1","seed":"1"},"metric":"test-accuracy","value":0.9,"validation_accuracy":null,"test_accuracy":0.9,"test_loss":0.3,"rung":1,"stopped":null,"steps":30,"exit_code":0,"error":null,"seconds":1.5,"examples_per_second":99.5}
            {"trial":"002","status":"failed","rank":2,"values":{"optimizer.learning-rate":"0.01","seed":"b"},"metric":"test-accuracy","value":0.8,"test_accuracy":0.8,"test_loss":0.4,"rung":0,"steps":30,"exit_code":1,"error":"broken","seconds":1.5,"examples_per_second":98.5}
            """;

    static final String COURSE = """
            {
              "exercise" : "2_4_optimizer", "row" : "2.4", "title" : "Optimizers", "about" : "about", "saw" : "saw",
              "courseData" : "MNIST", "figure" : "im2col", "note" : "n", "overrides" : ["seed=3"], "seeds" : 2, "data" : "data",
              "skipped" : null,
              "variants" : [
                { "name" : "sgd", "saw" : { "test" : [0.8, 0.85], "train" : [0.9, 0.9], "peak" : null, "text" : "x" }, "settings" : { "seed" : 3 }, "trials" : ["one"], "along" : ["sgd", "he"] },
                { "name" : "adam", "saw" : { "test" : [0.9, 0.95], "train" : null, "peak" : [0.9, 0.95], "text" : null }, "trials" : ["one", "one"], "along" : ["adam", "he"] }
              ],
              "passages" : [{ "heading" : "h", "text" : "t" }],
              "attention" : [
                { "variant" : "sgd", "layer" : "1", "head" : 1, "diagonal" : 0.75, "antiDiagonal" : 0.25, "weights" : [[0.5, 0.5], [0, 1]] }
              ],
              "regressions" : [{ "name" : "r", "losses" : [%s], "testLoss" : 0.5 }],
              "histograms" : [
                { "variant" : "sgd", "layer" : 1, "what" : "activations", "low" : -1.5, "high" : 2.5, "before" : [%s], "after" : [%s], "spreadBefore" : 0.5, "spreadAfter" : 0.25 }
              ],
              "ensembles" : [
                { "method" : "bagging", "problem" : null, "trials" : ["one"], "memberAccuracy" : [0.5, 0.6], "accuracy" : [0.6, 0.7],
                  "before" : { "bias" : 0.1, "variance" : 0.2 }, "after" : { "bias" : 0.1, "variance" : 0.1 } }
              ]
            }
            """.formatted(
                    IntStream.range(0, 1000)
                            .mapToObj(i -> Double.toString(1 / (1 + i / 99.0)))
                            .collect(Collectors.joining(",")),
                    counts(),
                    counts());

    static final String ENSEMBLE = """
            {
              "combination" : "vote", "members" : ["a", "b"], "weights" : [0.5, 1.5], "stack" : "a"
            }
            """;

    static final String CONFIGURATION = """
            name = x, seed = 3
            data { path = "/data", format = idx, train-limit = 0, validation-fraction = 0.1, augment = [{ type = contrast, amount = 0.5 }] }
            network {
              input = [1, 4, 4], classes = 3, weight-init = he
              layers = [
                { type = convolution, filters = 2, kernel = 3 }
                { type = batch-norm }
                { type = max-pool, kernel = 2 }
                { type = residual, shortcut = identity, layers = [{ type = activation, function = relu }] }
                { type = output }
              ]
            }
            optimizer { name = adam, learning-rate = 1e-3, schedule { type = step, every = "2 epochs", factor = 0.5 } }
            train { epochs = 2, batch-size = 20, shards = 2, evaluate-every = "5 steps" }
            sweep { strategy = random, trials = 3, space { optimizer.beta1 = { uniform = [0.1, 0.9] }, seed = [1, 2] } }
            """;

    private WholeFiles() {}

    private static String counts() {
        return String.join(",", Collections.nCopies(40, "3"));
    }

    static byte[] images(int count, int rows, int columns) {
        return ByteBuffer.allocate(16 + count * rows * columns)
                .putInt(0x803)
                .putInt(count)
                .putInt(rows)
                .putInt(columns)
                .array();
    }

    static byte[] labels(int count) {
        return ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count).array();
    }

    static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }
}
