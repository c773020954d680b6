package dev.lockstep.jobs.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A small run with everything in it that could depend on the cluster: batch norm, dropout, shards of different sizes, and
 * a last batch so short that some shards are empty.
 */
final class Experiment {
    private static final String HOCON = """
            name = small
            network {
              input = [1, 28, 28]
              classes = 10
              layers = [
                { type = convolution, filters = 8, kernel = 5 }
                { type = batch-norm }
                { type = activation, function = relu }
                { type = max-pool, kernel = 2 }
                { type = dense, units = 32, activation = relu }
                { type = dropout, ratio = 0.3 }
                { type = output, loss = cross-entropy }
              ]
            }
            # 10 batches of 93, which 8 does not divide, and one of 5
            data { train-limit = 935, test-limit = 300 }
            train { batch-size = 93, shards = 8 }
            """;

    private Experiment() {}

    /** Writes the configuration; how long to train is still to be said. */
    static String writeTo(Path folder) throws IOException {
        return Files.writeString(folder.resolve("small.conf"), HOCON).toString();
    }
}
