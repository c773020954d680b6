package dev.lockstep.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What spark.ml's own stages are tested for, on the pattern of its {@code DefaultReadWriteTest}, {@code MLTestingUtils} and
 * {@code ParamsSuite}; in a session whose executors may go.
 */
class PersistenceTest {
    private static SparkSession spark;
    private static Dataset<Row> iris;
    private static LockstepClassifier classifier;
    private static LockstepRegressor regressor;
    private static LockstepClassificationModel classes;
    private static LockstepRegressionModel values;

    @TempDir
    private static Path logged;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws IOException {
        spark = Tables.session("spark.dynamicAllocation.enabled", "true");
        iris = Tables.iris(spark).coalesce(2).cache();
        classifier = new LockstepClassifier()
                .setMaxIter(2)
                .setSeed(-5)
                .setStepSize(0.05)
                .setLabelCol("species")
                .setThresholds(new double[] {0.5, 0.25, 0.25})
                .setConf("optimizer.name = momentum");
        regressor =
                new LockstepRegressor().setMaxIter(1).setPredictionCol("guess").setBatchSize(50);
        RunFolder log = RunFolder.at(logged.toString(), spark.sparkContext().hadoopConfiguration());
        try (RunLog all = RunLog.ofProcess(log)) {
            classes = classifier.fit(iris);
            values = regressor.fit(iris);
        }
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static List<PipelineStage> stages() {
        return List.of(classifier, regressor, classes, values);
    }

    private static void requireSameParams(Params expected, Params found) {
        assertThat(found.uid()).isEqualTo(expected.uid());
        assertThat(found).hasSameClassAs(expected);
        for (Param<?> param : expected.params()) {
            assertThat(found.isSet(param)).as(param.name()).isEqualTo(expected.isSet(param));
            assertThat(found.isDefined(param)).as(param.name()).isEqualTo(expected.isDefined(param));
            if (expected.isDefined(param)) {
                Object value = expected.getOrDefault(param);
                Object other = found.getOrDefault(found.getParam(param.name()));
                assertThat(other).as(param.name()).isEqualTo(value);
            }
        }
    }

    private static PipelineStage loaded(PipelineStage stage, String path) throws ReflectiveOperationException {
        return (PipelineStage) stage.getClass().getMethod("load", String.class).invoke(null, path);
    }

    @Test
    void whatIsSavedIsLoaded() throws Exception {
        for (PipelineStage stage : stages()) {
            String path = folder.resolve(stage.uid() + stage.getClass().getSimpleName())
                    .toString();
            MLWritable written = (MLWritable) stage;
            written.save(path);
            requireSameParams(stage, loaded(stage, path));
            assertThatThrownBy(() -> written.save(path)).isInstanceOf(IOException.class);
            written.write().overwrite().save(path);
            requireSameParams(stage, loaded(stage, path));
        }
        LockstepRegressor again = LockstepRegressor.load(
                folder.resolve(regressor.uid() + "LockstepRegressor").toString());
        assertThat(again.fit(iris).summary().parametersSha256())
                .isEqualTo(values.summary().parametersSha256());
    }

    @Test
    void aLoadedModelAnswersToTheBit() throws Exception {
        String path = folder.resolve("model").toString();
        classes.save(path);
        LockstepClassificationModel loaded = LockstepClassificationModel.load(path);
        assertThat(loaded.transform(iris).collectAsList())
                .isEqualTo(classes.transform(iris).collectAsList())
                .hasSize(150);
        assertThat(loaded.labels()).containsExactly("setosa", "versicolor", "virginica");
        assertThat(loaded.hasSummary()).isFalse();
        assertThatThrownBy(loaded::summary).isInstanceOf(IllegalStateException.class);
        ModelFile.Contents file = ModelFile.read(path, () -> Files.newInputStream(Path.of(path, ModelFile.NAME)));
        assertThat(file.model().parameters())
                .isEqualTo(classes.contents().model().parameters());
        String again = folder.resolve("again").toString();
        loaded.save(again); // without an optimizer's state
        assertThat(Path.of(again, ModelFile.NAME)).hasSameBinaryContentAs(Path.of(path, ModelFile.NAME));
        String whole = folder.resolve("values").toString();
        new Pipeline()
                .setStages(new PipelineStage[] {regressor})
                .fit(iris)
                .write()
                .save(whole);
        assertThat(PipelineModel.load(whole).transform(iris).collectAsList())
                .isEqualTo(values.transform(iris).collectAsList());
    }

    @Test
    void copiesAreTheSameAndOfTheirOwn() {
        for (PipelineStage stage : stages()) {
            PipelineStage copy = stage.copy(new ParamMap());
            requireSameParams(stage, copy);
            ParamMap extra = new ParamMap().put(stage.getParam("predictionCol").w("other"));
            PipelineStage changed = stage.copy(extra);
            assertThat(changed.getOrDefault(changed.getParam("predictionCol"))).isEqualTo("other");
            assertThat(stage.getOrDefault(stage.getParam("predictionCol"))).isNotEqualTo("other");
        }
        assertThat(classes.uid()).isEqualTo(classifier.uid());
        assertThat(classes.parent()).isSameAs(classifier);
        assertThat(classes.copy(new ParamMap()).parent()).isSameAs(classifier);
        assertThat(classes.copy(new ParamMap()).summary()).isSameAs(classes.summary());
        assertThat(classes.copy(new ParamMap()).transform(iris).collectAsList())
                .isEqualTo(classes.transform(iris).collectAsList());
    }

    @Test
    void paramsAreInOrderAndKnown() {
        for (PipelineStage stage : stages()) {
            List<String> names = Arrays.stream(stage.params()).map(Param::name).toList();
            assertThat(names).isSorted().doesNotHaveDuplicates().contains("featuresCol", "conf", "seed", "idCol");
            for (Param<?> param : stage.params()) {
                assertThat(param.parent()).isEqualTo(stage.uid());
                assertThat(stage.getParam(param.name())).isEqualTo(param);
                assertThat(param.doc()).isNotBlank();
            }
            assertThat(stage.hasParam("nothing")).isFalse();
            assertThatThrownBy(() -> stage.getParam("nothing")).hasMessageContaining("nothing");
            assertThat(stage.explainParams()).contains("stepSize: learning rate");
        }
        assertThat(classifier.extractParamMap().apply(classifier.maxIter())).isEqualTo(2);
        assertThat(classes.getMaxIter()).isEqualTo(2);
        assertThat(classes.getConf()).isEqualTo("optimizer.name = momentum");
        assertThat(new LockstepClassifier().extractParamMap().size()).isEqualTo(11);
        assertThat(new LockstepRegressor().extractParamMap().size()).isEqualTo(8);
    }

    @Test
    void anUnknownParamOfAFileIsRefused() throws Exception {
        Path path = folder.resolve("strange");
        classifier.save(path.toString());
        try (Stream<Path> files = Files.list(path.resolve("metadata"))) {
            for (Path file : files.filter(each -> each.getFileName().toString().startsWith("part"))
                    .toList()) {
                Files.writeString(file, Files.readString(file).replace("\"stepSize\"", "\"stride\""));
                Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
            }
        }
        assertThatThrownBy(() -> LockstepClassifier.load(path.toString())).hasMessageContaining("stride");
    }

    @Test
    void aDamagedModelIsSaidInALine() throws Exception {
        Path path = folder.resolve("damaged");
        classes.save(path.toString());
        Files.write(path.resolve(ModelFile.NAME), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> LockstepClassificationModel.load(path.toString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model.zip: is not a DL4J model file");
    }

    /** A Spark Connect server finds stages so. */
    @Test
    void stagesAreServices() {
        List<String> found = new ArrayList<>();
        ServiceLoader.load(Estimator.class)
                .forEach(each -> found.add(each.getClass().getSimpleName()));
        ServiceLoader.load(Transformer.class)
                .forEach(each -> found.add(each.getClass().getSimpleName()));
        assertThat(found)
                .contains(
                        "LockstepClassifier",
                        "LockstepRegressor",
                        "LockstepClassificationModel",
                        "LockstepRegressionModel");
        assertThatThrownBy(() -> new LockstepRegressionModel().transform(iris))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("holds no network");
    }

    /** Each step is a job of its own where executors may go. */
    @Test
    void theExchangeFollowsTheSession() throws IOException {
        assertThat(Files.readString(logged.resolve("train.log"))) // of two fits
                .containsOnlyOnce(
                        "spark.dynamicAllocation.enabled is true: executors may go, so each step is a job of its own");
        assertThat(classes.summary().conf()).contains("exchange=job");
        LockstepClassifier local =
                classifier.copy(new ParamMap()).setConf("optimizer.name = momentum, train.exchange = local");
        assertThat(local.fit(iris).summary().parametersSha256())
                .isEqualTo(classes.summary().parametersSha256());
        assertThatThrownBy(() -> local.copy(new ParamMap())
                        .setConf("train.exchange = gang")
                        .fit(iris))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("spark.dynamicAllocation.enabled is true");
    }
}
