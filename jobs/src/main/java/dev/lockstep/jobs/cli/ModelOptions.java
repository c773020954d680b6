package dev.lockstep.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.DataFormat;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.ensemble.EnsembleFile;
import dev.lockstep.driver.evaluate.Classifier;
import dev.lockstep.driver.evaluate.Evaluator;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.source.ClassNames;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.driver.spark.LateSpark;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.settings.JvmSettings;
import dev.lockstep.worker.table.Fitted;
import dev.lockstep.worker.text.TextCut;
import dev.lockstep.worker.text.TextVocabulary;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model, and what it is shown: the test split of some data. */
final class ModelOptions {
    @Mixin
    private ModelChoice model;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "A folder with test examples (default: the run's own).")
    private String data;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Spark's master (default: what spark-submit gave, else local[*]).")
    private String master;

    /**
     * A model, and what it is to be shown.
     *
     * @param contents what examples it is for: of an ensemble, its first member
     * @param data where these are
     */
    record Opened(
            Classifier classifier,
            ModelFile.Contents contents,
            RunConfig.Data data,
            Configuration hadoop,
            LateSpark late) {

        /**
         * Gives the work the model and an evaluator over the test split.
         *
         * @param labelled whether the examples' classes are needed; else a task has but few examples, whose answers are to be
         *     written
         */
        <T> T withTestSplit(boolean labelled, BiFunction<Classifier, Evaluator, T> work) {
            ExampleSet test = Dataset.openTest(
                    data, contents.input(), contents.target(), contents.fitted(), labelled, hadoop, late::session);
            test.skipped().note().ifPresent(note -> System.out.println("note: " + note));
            if (test.size() == 0) {
                throw new DataException(
                        "there is no test example in the run's data (data.test-fraction, data.test-path,"
                                + " data.columns.test); give some with --data PATH");
            }
            JavaSparkContext spark = spark();
            Evaluator evaluator = new Evaluator(
                    spark,
                    Feed.of(spark, test, spark.defaultParallelism()),
                    Subset.all(test.size()),
                    test.format(),
                    contents.objective(),
                    labelled ? Long.MAX_VALUE : Evaluator.FEW);
            return work.apply(classifier, evaluator);
        }

        /**
         * What people call the classes, labels or values; none where nobody says.
         *
         * @throws dev.lockstep.worker.failure.DataException when a file beside the data names another number of them
         */
        List<String> classNames() {
            return ClassNames.of(data, contents.fitted(), contents.target().values(), hadoop);
        }

        JavaSparkContext spark() {
            return late.context(() -> false);
        }
    }

    /** Something to do with a model. */
    interface Work<T> {
        T with(Opened model) throws IOException;
    }

    /**
     * Opens the model, and starts Spark as soon as the work asks for it.
     *
     * @param name of the Spark application
     */
    <T> T opened(String name, Work<T> work) throws IOException {
        SparkConf sparkConf =
                SparkApplication.conf(master, name, JvmSettings.assembly().orElse(null));
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(sparkConf);
        RunFolder place = model.place(hadoop);
        Shown shown = ModelChoice.isEnsemble(place) ? ensemble(place) : network(place);
        try (LateSpark late = new LateSpark(sparkConf)) {
            return work.with(new Opened(shown.classifier(), shown.contents(), data(shown, hadoop), hadoop, late));
        }
    }

    /** @param advice what to do with an ensemble instead */
    void refuseEnsemble(String advice) throws IOException {
        model.refuseEnsemble(model.place(SparkHadoopUtil.get().newConfiguration(new SparkConf())), advice);
    }

    /** As {@link ModelChoice#refuseUnless}. */
    void refuseUnless(boolean finite) {
        model.refuseUnless(finite);
    }

    /**
     * @param contents what examples it is for: of an ensemble, its first member
     * @param run how its run was configured; null when it has none
     */
    private record Shown(Classifier classifier, ModelFile.Contents contents, Config run) {}

    private static Shown ensemble(RunFolder folder) throws IOException {
        EnsembleFile.Opened opened = EnsembleFile.open(folder);
        return new Shown(opened.ensemble(), opened.member(), ConfigurationOptions.resolved(opened.memberFolder()));
    }

    /** A run's model, or a model file, which may lie in its run's folder. */
    private Shown network(RunFolder place) throws IOException {
        ModelFile.Contents contents = model.network(place);
        return new Shown(
                Classifier.of(contents.model()),
                contents,
                ConfigurationOptions.resolved(place.isFolder() ? place : place.parent()));
    }

    private RunConfig.Data data(Shown shown, Configuration hadoop) {
        Fitted fitted = shown.contents().fitted();
        if (data != null && fitted.cut() != null && fitted.cut().pairs()) {
            throw new ConfigurationException("--data " + data + ": is one text, and the network tells pairs of lines;"
                    + " ask it with generate --input FILE --reference FILE --out FILE");
        }
        if (shown.run() != null) {
            return RunConfigParser.testData(shown.run(), data);
        }
        if (data == null) {
            throw new ConfigurationException(model + ": nothing beside it says what data it is for; give --data DIR");
        }
        Map<String, Object> said = fitted.cut() != null
                ? ofText(fitted.vocabulary(), fitted.cut())
                : Map.of("data.format", word(Dataset.formatOfTest(data, hadoop)));
        return RunConfigParser.testData(ConfigFactory.parseMap(said), data);
    }

    /** As the text was cut that the model was trained with. */
    private static Map<String, Object> ofText(TextVocabulary vocabulary, TextCut cut) {
        return Map.of(
                "data.format",
                word(DataFormat.TEXT),
                "data.text.unit",
                word(vocabulary.unit()),
                "data.text.lower-case",
                vocabulary.lowerCase(),
                "data.text.task",
                word(cut.task()),
                "data.text.steps",
                cut.steps(),
                "data.text.stride",
                cut.stride(),
                "data.text.lines",
                cut.lines());
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
