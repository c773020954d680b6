package dev.lockstep.bench.table;

import dev.lockstep.driver.spark.LateSpark;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.jobs.cli.LockstepCommand;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lockstep table-data}: made-up images as IDX files and as Parquet. */
@Command(
        name = "table-data",
        description = "The same made-up images of 28x28 as DIR/idx and as DIR/train.parquet and DIR/test.parquet.",
        mixinStandardHelpOptions = true)
public final class TableDataCommand implements LockstepCommand.Extra {
    @Option(names = "--rows", required = true, paramLabel = "N", description = "Training images.")
    private int rows;

    @Option(names = "--test-rows", paramLabel = "N", description = "Test images (default: ${DEFAULT-VALUE}).")
    private int testRows = 1000;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where they are to lie.")
    private Path out;

    @Option(names = "--master", paramLabel = "URL", description = "Spark's master (default: ${DEFAULT-VALUE}).")
    private String master = "local[2]";

    @Override
    public Integer call() throws IOException {
        write(rows, testRows, out, master);
        System.out.println(rows + " and " + testRows + " images in " + out);
        return 0;
    }

    static void write(int rows, int testRows, Path out, String master) throws IOException {
        MadeUpImages train = new MadeUpImages(0, rows);
        MadeUpImages test = new MadeUpImages(rows, testRows);
        train.writeIdx(out.resolve("idx"), "train");
        test.writeIdx(out.resolve("idx"), "t10k");
        try (LateSpark spark = new LateSpark(SparkApplication.conf(master, "table-data", null))) {
            train.writeParquet(spark.session(), out.resolve("train.parquet"), 1 + rows / 10_000);
            test.writeParquet(spark.session(), out.resolve("test.parquet"), 1);
        }
    }
}
