package dev.lockstep.bench.table;

import dev.lockstep.worker.seed.SplitMix64;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Images of 28x28 bytes in ten classes, each made of its number alone: as IDX files, and as a table of the columns {@code id},
 * {@code image} and {@code label} whose rows have the order of the files.
 *
 * @param first the number of the first one
 * @param count how many there are
 */
record MadeUpImages(long first, int count) {
    /** As {@code network.input} has it. */
    static final String INPUT = "[1, 28, 28]";

    private static final int SIDE = 28;
    private static final int PIXELS = SIDE * SIDE;
    private static final int CLASSES = 10;
    private static final StructType COLUMNS = new StructType()
            .add("id", DataTypes.LongType)
            .add("image", DataTypes.BinaryType)
            .add("label", DataTypes.IntegerType);

    private static int label(long id) {
        return (int) (id % CLASSES);
    }

    /** Noise, brighter in the rows that its class names, so that there is something to learn. */
    private static byte[] pixels(long id) {
        SplitMix64 random = new SplitMix64(id);
        ByteBuffer pixels = ByteBuffer.allocate(PIXELS);
        while (pixels.hasRemaining()) {
            pixels.putLong(random.nextLong() & 0x7f7f7f7f7f7f7f7fL);
        }
        byte[] image = pixels.array();
        for (int i = 0; i < 2 * SIDE; i++) {
            image[2 * SIDE * label(id) + i] |= (byte) 0x80;
        }
        return image;
    }

    /** @param prefix {@code train} or {@code t10k} */
    void writeIdx(Path folder, String prefix) throws IOException {
        Files.createDirectories(folder);
        try (DataOutputStream images = file(folder.resolve(prefix + "-images-idx3-ubyte"));
                DataOutputStream labels = file(folder.resolve(prefix + "-labels-idx1-ubyte"))) {
            for (int header : new int[] {0x803, count, SIDE, SIDE}) {
                images.writeInt(header);
            }
            labels.writeInt(0x801);
            labels.writeInt(count);
            for (long id = first; id < first + count; id++) {
                images.write(pixels(id));
                labels.writeByte(label(id));
            }
        }
    }

    private static DataOutputStream file(Path path) throws IOException {
        return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path), 1 << 20));
    }

    /** @param parts how many files the rows lie in, mixed */
    void writeParquet(SparkSession spark, Path folder, int parts) {
        MapFunction<Long, Row> row = id -> RowFactory.create(id, pixels(id), label(id));
        spark.range(first, first + count)
                .repartition(parts)
                .map(row, Encoders.row(COLUMNS))
                .write()
                .mode(SaveMode.ErrorIfExists)
                .parquet(folder.toString());
    }
}
