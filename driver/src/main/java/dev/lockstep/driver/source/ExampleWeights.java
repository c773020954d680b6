package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** How much each training example weighs: a text file, one number a line, in the order of the examples. */
public final class ExampleWeights {
    private ExampleWeights() {}

    /**
     * @param path a file on any Hadoop file system
     * @param examples how many lines it must have
     * @return each at least 0, their sum above 0
     * @throws DataException when it cannot be read or is not of that form
     */
    public static double[] read(String path, long examples, Configuration hadoop) {
        List<String> lines = lines(path, hadoop);
        if (lines.size() != examples) {
            throw new DataException("data.weights " + path + ": has " + lines.size() + " lines: expected " + examples
                    + ", one for each training example");
        }
        double[] weights = new double[lines.size()];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = weight(path, i, lines.get(i));
            sum += weights[i];
        }
        if (!(sum > 0) || sum == Double.POSITIVE_INFINITY) {
            throw new DataException(
                    "data.weights " + path + ": its numbers add up to " + sum + "; expected a finite sum above 0");
        }
        return weights;
    }

    private static List<String> lines(String path, Configuration hadoop) {
        try {
            Path file = new Path(path);
            try (InputStream in = file.getFileSystem(hadoop).open(file)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new DataException("data.weights " + path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static double weight(String path, int line, String text) {
        try {
            double weight = Double.parseDouble(text);
            if (weight >= 0 && weight < Double.POSITIVE_INFINITY) {
                return weight;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new DataException("data.weights " + path + ", line " + (line + 1)
                + ": expected a number of at least 0, found '" + text + "'");
    }
}
