package dev.lockstep.driver.dl4j;

import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.feed.ShuffledFeed;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.natives.Natives;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * The examples of an {@code RDD<DataSet>}, numbered in the order of the RDD, whatever its partitions and however many
 * examples each DataSet holds. Packed once and kept by the cluster until {@link #close}.
 */
final class DataSetExamples implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofHours(2);

    private final JavaRDD<Part> parts;
    private final JavaRDD<Block> blocks;
    private final Format format;
    private final long size;

    /** The sizes of every example. */
    private record Format(Shape values, int outputs) implements Serializable {}

    /**
     * The examples of a partition.
     *
     * @param format null when there are none
     * @param fault why they cannot be used, or null: a value, because Spark would run a task that throws again
     */
    private record Part(Format format, byte[][] examples, String fault) implements Serializable {}

    private record Count(Format format, int examples, String fault) implements Serializable {}

    /** @throws DataException when there is no example, or they are not all of one kind that we can train on */
    DataSetExamples(JavaSparkContext spark, JavaRDD<DataSet> source) {
        this.parts = source.mapPartitions(DataSetExamples::pack).persist(StorageLevel.MEMORY_AND_DISK());
        try {
            List<Count> counts = Jobs.collect(
                    spark,
                    parts.map(part -> new Count(part.format(), part.examples().length, part.fault())),
                    "read the RDD of DataSets",
                    DEADLINE);
            long[] first = new long[counts.size() + 1];
            Format common = null;
            for (int i = 0; i < counts.size(); i++) {
                Count count = counts.get(i);
                if (count.fault() != null) {
                    throw new DataException(count.fault());
                }
                first[i + 1] = first[i] + count.examples();
                common = same(common, count.format());
            }
            this.size = first[counts.size()];
            if (size == 0) {
                throw new DataException("the RDD of DataSets holds no example");
            }
            this.format = common;
            this.blocks = parts.mapPartitionsWithIndex(
                    (index, part) -> List.of(
                                    Block.of(first[index], List.of(part.next().examples())))
                            .iterator(),
                    true);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static Format same(Format one, Format other) {
        if (one != null && other != null && !one.equals(other)) {
            throw new DataException("the RDD holds examples of " + one.values() + " values with " + one.outputs()
                    + " labels and others of " + other.values() + " with " + other.outputs()
                    + "; expected all of one size");
        }
        return one == null ? other : one;
    }

    private static Iterator<Part> pack(Iterator<DataSet> sets) {
        Natives.ready();
        try {
            return List.of(packed(sets)).iterator();
        } catch (DataException e) {
            return List.of(new Part(null, new byte[0][], e.getMessage())).iterator();
        }
    }

    private static Part packed(Iterator<DataSet> sets) {
        Format format = null;
        List<byte[]> packed = new ArrayList<>();
        while (sets.hasNext()) {
            DataSet set = sets.next();
            format = same(format, format(set));
            float[] values = floats(set.getFeatures());
            float[] labels = floats(set.getLabels());
            int size = format.values().size();
            for (int i = 0; i < set.numExamples(); i++) {
                packed.add(ExampleFormat.floats(format.values(), format.outputs())
                        .pack(
                                Arrays.copyOfRange(values, i * size, (i + 1) * size),
                                Arrays.copyOfRange(labels, i * format.outputs(), (i + 1) * format.outputs())));
            }
        }
        return new Part(format, packed.toArray(byte[][]::new), null);
    }

    private static Format format(DataSet set) {
        INDArray features = set.getFeatures();
        INDArray labels = set.getLabels();
        if (set.getFeaturesMaskArray() != null || set.getLabelsMaskArray() != null) {
            throw new DataException("a DataSet has a mask; expected examples without");
        }
        boolean image = features.rank() == 4;
        if ((!image && features.rank() != 2) || labels.rank() != 2 || labels.size(0) != features.size(0)) {
            throw new DataException("a DataSet has features of shape " + Arrays.toString(features.shape())
                    + " and labels of shape " + Arrays.toString(labels.shape())
                    + "; expected features [n, values] or [n, channels, height, width], and labels [n, outputs]");
        }
        Shape values = image
                ? new Shape((int) features.size(1), (int) features.size(2), (int) features.size(3))
                : Shape.vector((int) features.size(1));
        return new Format(values, (int) labels.size(1));
    }

    private static float[] floats(INDArray array) {
        return array.castTo(DataType.FLOAT).dup('c').data().asFloat();
    }

    Feed feed() {
        return new ShuffledFeed(blocks, Float.BYTES * (shape().size() + outputs()));
    }

    /** The shape of one example. */
    Shape shape() {
        return format.values();
    }

    /** The labels of one example. */
    int outputs() {
        return format.outputs();
    }

    long size() {
        return size;
    }

    @Override
    public void close() {
        parts.unpersist(false);
    }
}
