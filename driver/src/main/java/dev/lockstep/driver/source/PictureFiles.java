package dev.lockstep.driver.source;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Pictures in files, as a table: {@code image} holds a file's bytes, {@code label} the name of its folder, {@code name} its
 * own without the ending, {@code path} where it lies.
 */
final class PictureFiles {
    /** What a configuration calls them; Spark has a source of that kind for the bytes alone. */
    static final String SOURCE = "images";

    private static final String ENDINGS = "*.{[pP][nN][gG],[jJ][pP][gG],[jJ][pP][eE][gG]}";

    private PictureFiles() {}

    /**
     * @param options of Spark's source of binary files
     * @param path a folder or a pattern; what is below is read however deep it lies
     */
    static Dataset<Row> rows(SparkSession session, Map<String, String> options, String path) {
        Dataset<Row> files = session.read()
                .format("binaryFile")
                .option("recursiveFileLookup", "true")
                .option("pathGlobFilter", ENDINGS)
                .options(options)
                .load(path);
        if (files.select("path").isEmpty()) {
            throw new DataException(Excerpt.of(path) + " has no pictures: expected LABEL/FILE.png, .jpg or .jpeg,"
                    + " found no such file however deep");
        }
        return inFewParts(files)
                .select(
                        functions.col("content").as("image"),
                        functions
                                .regexp_extract(functions.col("path"), "([^/]*)/[^/]*$", 1)
                                .as("label"),
                        functions
                                .regexp_extract(functions.col("path"), "([^/]*)\\.[^./]*$", 1)
                                .as("name"),
                        functions.col("path"));
    }

    /** Spark puts at most 32 files in a part, which take less time to read than a task to start. */
    private static Dataset<Row> inFewParts(Dataset<Row> files) {
        int parts = files.rdd().getNumPartitions();
        int slots = files.sparkSession().sparkContext().defaultParallelism();
        return files.coalesce(Math.max(parts / 64, Math.min(parts, 4 * slots)));
    }
}
