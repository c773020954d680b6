package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** How much each training example weighs: a text file, one number a line, in the order of the examples. */
public final class ExampleWeights {
    /** In one array of Java. */
    private static final long MOST = Integer.MAX_VALUE - 8;

    private ExampleWeights() {}

    /**
     * @param path a file on any Hadoop file system
     * @param examples how many lines it must have
     * @return each at least 0, their sum above 0
     * @throws DataException when it cannot be read or is not of that form
     */
    public static double[] read(String path, long examples, Configuration hadoop) {
        if (examples > MOST) {
            throw new DataException("data.weights " + path + ": there are " + examples + " training examples; at most "
                    + MOST + " can have weights of their own");
        }
        double[] weights = new double[(int) examples];
        long found = 0;
        double sum = 0;
        try {
            Path file = new Path(path);
            try (BufferedReader in = new BufferedReader(
                    new InputStreamReader(file.getFileSystem(hadoop).open(file), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine(), found++) {
                    if (found < weights.length) {
                        double weight = weight(path, found, line);
                        weights[(int) found] = weight;
                        sum += weight;
                    }
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new DataException("data.weights " + path + ": cannot be read: " + Excerpt.line(e), e);
        }
        if (found != examples) {
            throw new DataException("data.weights " + path + ": has " + found + " lines: expected " + examples
                    + ", one for each training example");
        }
        if (!(sum > 0) || sum == Double.POSITIVE_INFINITY) {
            throw new DataException(
                    "data.weights " + path + ": its numbers add up to " + sum + "; expected a finite sum above 0");
        }
        return weights;
    }

    private static double weight(String path, long line, String text) {
        try {
            double weight = Double.parseDouble(text);
            if (weight >= 0 && weight < Double.POSITIVE_INFINITY) {
                return weight;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new DataException("data.weights " + path + ", line " + (line + 1)
                + ": expected a number of at least 0, found '" + Excerpt.of(text) + "'");
    }
}
