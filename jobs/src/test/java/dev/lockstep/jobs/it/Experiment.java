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

    /** Every part that a configuration can name and that could depend on the cluster, ended by early stopping. */
    private static final String PARTS = """
            name = parts
            data {
              train-limit = 187, test-limit = 60, validation-fraction = 0.1
              augment = [
                { type = random-crop, padding = 2 }, { type = horizontal-flip }, { type = rotation }, { type = contrast }
                { type = brightness }, { type = erasing }, { type = mix-up }
              ]
            }
            network.layers = [
              { type = convolution, filters = 4, kernel = 5, stride = 2 }
              { type = instance-norm }
              { type = local-response-norm }
              { type = residual, activation = relu, layers = [
                { type = convolution, filters = 4, kernel = 3, padding = same }
                { type = batch-norm }
              ] }
              { type = residual, shortcut = projection, layers = [
                { type = convolution, filters = 6, kernel = 3, stride = 2, padding = 1, activation = leaky-relu }
              ] }
              { type = flatten }
              { type = dense, units = 16, activation = tanh }
              { type = layer-norm }
              { type = dropout, ratio = 0.2 }
              { type = output, loss = cross-entropy }
            ]
            optimizer {
              name = nesterov, learning-rate = 0.05, clip-norm = 1
              schedule { type = plateau, metric = test-loss, patience = 1, min-delta = 10, factor = 0.5, warm-up = 3 steps }
            }
            regularization { l1 = 1e-4, l2 = 1e-3 }
            train { epochs = 9, batch-size = 31, shards = 5, early-stopping { patience = 2, min-delta = 0.2 } }
            """;

    private Experiment() {}

    /** Writes the configuration of {@link #PARTS}. */
    static String writePartsTo(Path folder) throws IOException {
        return Files.writeString(folder.resolve("parts.conf"), PARTS).toString();
    }

    /** Writes the configuration; how long to train is still to be said. */
    static String writeTo(Path folder) throws IOException {
        return Files.writeString(folder.resolve("small.conf"), HOCON).toString();
    }
}
