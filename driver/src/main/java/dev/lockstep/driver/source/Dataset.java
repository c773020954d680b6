package dev.lockstep.driver.source;

import dev.lockstep.worker.network.Shape;
import java.io.Serializable;

/**
 * A data set that was opened and found to be good.
 *
 * @param shape the shape of one example, as the network takes it
 * @param classes the number of classes; every label is in {@code [0, classes)}
 * @param train the training examples
 * @param test the test examples
 * @param fingerprint SHA-256 (lower-case hex) over the values and labels of the examples used, training then test;
 *     it does not depend on where the files lie or whether they are compressed
 */
public record Dataset(Shape shape, int classes, Split train, Split test, String fingerprint) implements Serializable {}
