package dev.lockstep.ml;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.ml.tuning.TrainValidationSplit;
import org.apache.spark.ml.tuning.TrainValidationSplitModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sea's temperature by the month before and the month of the year. */
class LockstepRegressorTest {
    private static SparkSession spark;
    private static Dataset<Row> past;
    private static Dataset<Row> future;

    @BeforeAll
    static void start() {
        spark = Tables.session();
        Dataset<Row> months = Tables.csv(spark, "el-nino")
                .withColumn("number", col("year").multiply(12).plus(col("month")));
        Dataset<Row> before = months.select(
                col("number").plus(1).as("number"), col("temperature").as("before"));
        Dataset<Row> rows = new VectorAssembler()
                .setInputCols(new String[] {"month", "before"})
                .setOutputCol("features")
                .transform(months.join(before, "number"))
                .withColumn("label", col("temperature").minus(23).divide(2.5));
        past = rows.where("year <= 1990").cache();
        future = rows.where("year > 1990").cache();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static double rmse(Dataset<Row> scored) {
        return new RegressionEvaluator().setMetricName("rmse").evaluate(scored);
    }

    @Test
    void itBeatsALinearRegression() {
        double linear = rmse(new LinearRegression().fit(past).transform(future));
        double ours = rmse(new LockstepRegressor()
                .setMaxIter(40)
                .setStepSize(0.01)
                .fit(past)
                .transform(future));
        System.out.println("RMSE " + linear + " " + ours);
        assertThat(ours).isLessThan(0.8 * linear);
    }

    @Test
    void aSplitFindsTheBetterRate() {
        LockstepRegressor regressor = new LockstepRegressor().setMaxIter(3);
        ParamMap[] rates = new ParamGridBuilder()
                .addGrid(regressor.stepSize(), new double[] {1e-6, 1e-2})
                .build();
        TrainValidationSplitModel best = new TrainValidationSplit()
                .setEstimator(regressor)
                .setEvaluator(new RegressionEvaluator())
                .setEstimatorParamMaps(rates)
                .setSeed(1)
                .fit(past);
        assertThat(((LockstepRegressionModel) best.bestModel()).getStepSize()).isEqualTo(1e-2);
    }
}
