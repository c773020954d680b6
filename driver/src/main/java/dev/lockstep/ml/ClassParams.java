package dev.lockstep.ml;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import scala.Function1;

/** The Params of {@link LockstepClassifierParams}, made for their owner. */
public record ClassParams(
        Param<String> probabilityCol,
        Param<String> rawPredictionCol,
        Param<String> predictedLabelCol,
        DoubleArrayParam thresholds)
        implements Serializable {

    static ClassParams of(Params owner) {
        return new ClassParams(
                new Param<>(owner, "probabilityCol", "column name for the classes' probabilities; empty for none"),
                new Param<>(
                        owner,
                        "rawPredictionCol",
                        "column name for the probabilities' logarithms, the raw prediction; empty for none"),
                new Param<>(
                        owner,
                        "predictedLabelCol",
                        "column name for the word of the predicted class, where labels are words; empty for none"),
                new DoubleArrayParam(
                        owner,
                        "thresholds",
                        "thresholds in multi-class classification: the class with the largest p/t is predicted, where p"
                                + " is its probability and t its threshold; one for each class, above 0, but for at most"
                                + " one that may be 0",
                        (Function1<double[], Object> & Serializable) ClassParams::areThresholds));
    }

    private static Object areThresholds(double[] values) {
        return Arrays.stream(values).allMatch(value -> value >= 0)
                && Arrays.stream(values).filter(value -> value == 0).count() <= 1;
    }

    /** To be called when all Params of the owner are there. */
    static void setDefaults(LockstepClassifierParams owner) {
        CommonParams.setDefaults(owner);
        owner.setDefault(owner.probabilityCol(), "probability");
        owner.setDefault(owner.rawPredictionCol(), "rawPrediction");
        owner.setDefault(owner.predictedLabelCol(), "predictedLabel");
    }
}
