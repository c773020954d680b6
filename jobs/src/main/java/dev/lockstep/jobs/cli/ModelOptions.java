package dev.lockstep.jobs.cli;

import com.typesafe.config.Config;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.ensemble.EnsembleFile;
import dev.lockstep.driver.evaluate.Classifier;
import dev.lockstep.driver.evaluate.Evaluator;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.feed.Subset;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.worker.failure.ModelException;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Option;

/** Which model, and what it is shown: the test split of some data. */
final class ModelOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "RUN_OR_ZIP",
            description = "A run's or an ensemble's folder, or a DL4J model file.")
    private String model;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "A data folder (default: the run's own; for a file, the bundled data).")
    private String data;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Spark's master (default: what spark-submit gave, else local[*]).")
    private String master;

    /** Starts Spark and gives the work the model and an evaluator over the test split. */
    <T> T withTestSplit(String name, BiFunction<Classifier, Evaluator, T> work) throws IOException {
        SparkConf sparkConf = SparkApplication.conf(master, name, System.getProperty("lockstep.jar"));
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(sparkConf);
        RunFolder folder = RunFolder.at(model, hadoop);
        boolean isRun = folder.files().exists(folder.path())
                && folder.files().getFileStatus(folder.path()).isDirectory();
        Shown shown = isRun && folder.has(EnsembleFile.NAME)
                ? ensemble(folder)
                : network(isRun ? folder.path(ModelFile.NAME) : folder.path(), isRun ? folder : null, folder.files());
        RunConfig.Data of = shown.data();
        Dataset dataset = Dataset.open(
                data == null ? of : of.at(data),
                shown.contents().input(),
                shown.contents().classes(),
                hadoop);
        try (JavaSparkContext spark = SparkApplication.start(sparkConf, () -> false)) {
            Evaluator evaluator = new Evaluator(
                    spark,
                    Feed.of(spark, dataset.test(), spark.defaultParallelism()),
                    Subset.all(dataset.test().size()),
                    dataset.shape(),
                    dataset.classes());
            return work.apply(shown.classifier(), evaluator);
        }
    }

    /**
     * @param contents what examples it is for: of an ensemble, its first member
     * @param data where they were
     */
    private record Shown(Classifier classifier, ModelFile.Contents contents, RunConfig.Data data) {}

    private static Shown ensemble(RunFolder folder) throws IOException {
        EnsembleFile.Opened opened = EnsembleFile.open(folder);
        return new Shown(
                opened.ensemble(), opened.member(), data(ConfigurationOptions.resolved(opened.memberFolder())));
    }

    /** @param run the folder of its run; null when there is only the file */
    private Shown network(Path file, RunFolder run, FileSystem files) throws IOException {
        ModelFile.Contents contents = read(file, files);
        return new Shown(contents.model(), contents, data(run == null ? null : ConfigurationOptions.resolved(run)));
    }

    private ModelFile.Contents read(Path file, FileSystem files) throws IOException {
        byte[] bytes;
        try (InputStream in = files.open(file)) {
            bytes = in.readAllBytes();
        } catch (FileNotFoundException e) {
            throw new ModelException("--model " + model + ": there is no " + file
                    + "; expected a run's folder with a finished model, or a model file");
        }
        return ModelFile.read("--model " + model, new ByteArrayInputStream(bytes));
    }

    /** Where the run's data was; for a model file alone, the default configuration's. */
    private static RunConfig.Data data(Config resolved) {
        return RunConfigParser.parse(
                        resolved == null ? ConfigurationOptions.named(ConfigurationOptions.DEFAULT) : resolved)
                .data();
    }
}
