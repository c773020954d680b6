package dev.lockstep.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/** The text of python/dev/lockstep/ml/__init__.py, as the Params have it. */
final class PythonWrappers {
    private static final String HEAD = """
            # Licensed under the Apache License, Version 2.0. Written by PythonTest from the Params of the Java classes: change those.
            \"""Lockstep as stages of a pyspark.ml pipeline.

            The module lies where the Java package does, so that PipelineModel.load finds the classes; import them from lockstep.
            \"""

            from pyspark import keyword_only
            from pyspark.ml.param import Param, Params, TypeConverters
            from pyspark.ml.util import JavaMLReadable, JavaMLWritable
            from pyspark.ml.wrapper import JavaEstimator, JavaModel, JavaWrapper

            __all__ = [
                "LockstepClassifier",
                "LockstepClassificationModel",
                "LockstepRegressor",
                "LockstepRegressionModel",
                "LockstepTrainingSummary",
            ]


            class LockstepTrainingSummary(JavaWrapper):
                \"""How a fit went.\"""

                @property
                def objectiveHistory(self):
                    \"""The mean loss of each epoch's steps, with regularisation.\"""
                    return list(self._call_java("objectiveHistory"))

                @property
                def totalIterations(self):
                    \"""The optimizer steps that are in the model.\"""
                    return self._call_java("totalIterations")

                @property
                def parametersSha256(self):
                    \"""Two fits made the same model exactly when these are equal.\"""
                    return self._call_java("parametersSha256")

                @property
                def skippedRows(self):
                    \"""The rows that were left out because they are no examples.\"""
                    return self._call_java("skippedRows")

                def metricHistory(self, split, figure):
                    \"""A figure (loss, accuracy, ...) of a split (validation, test), evaluation by evaluation.\"""
                    return list(self._call_java("metricHistory", split, figure))

                @property
                def conf(self):
                    \"""All that the fit was told, defaults filled in, as HOCON.\"""
                    return self._call_java("conf")


            class _LockstepModel(JavaModel):
                @property
                def numFeatures(self):
                    \"""How many numbers an example has.\"""
                    return self._call_java("numFeatures")

                @property
                def hasSummary(self):
                    \"""Whether it was fitted in this program, not loaded.\"""
                    return self._call_java("hasSummary")

                @property
                def summary(self):
                    \"""How the fit went.\"""
                    return LockstepTrainingSummary(self._call_java("summary"))

                def register(self, session, name="lockstep_predict"):
                    \"""Makes it a function of SQL: SELECT lockstep_predict(features) FROM rows.\"""
                    self._java_obj.register(session._jsparkSession, name)
            """;

    private PythonWrappers() {}

    static String text() {
        LockstepClassifier classifier = new LockstepClassifier();
        LockstepRegressor regressor = new LockstepRegressor();
        StringBuilder text = new StringBuilder(HEAD);
        params(text, "_LockstepParams", "Params", Arrays.asList(regressor.params()));
        List<Param<?>> more = new ArrayList<>(Arrays.asList(classifier.params()));
        more.removeIf(param -> regressor.hasParam(param.name()));
        params(text, "_LockstepClassifierParams", "_LockstepParams", more);
        estimator(
                text,
                classifier,
                "_LockstepClassifierParams",
                "LockstepClassificationModel",
                "Learns to tell the class of a row: a network, trained exactly on all executors.");
        model(
                text,
                "LockstepClassificationModel",
                "_LockstepClassifierParams",
                "A network that tells the class of a row.",
                List.of(
                        "featuresCol",
                        "predictionCol",
                        "predictedLabelCol",
                        "probabilityCol",
                        "rawPredictionCol",
                        "thresholds"));
        text.append("""

                    @property
                    def numClasses(self):
                        \"""How many classes there are.\"""
                        return self._call_java("numClasses")

                    @property
                    def labels(self):
                        \"""The words of the classes in the order of their numbers; none where labels were numbers.\"""
                        return list(self._call_java("labels"))
                """);
        estimator(
                text,
                regressor,
                "_LockstepParams",
                "LockstepRegressionModel",
                "Learns to tell a number of a row: a network, trained exactly on all executors.");
        model(
                text,
                "LockstepRegressionModel",
                "_LockstepParams",
                "A network that tells a number of a row.",
                List.of("featuresCol", "predictionCol"));
        return text.toString();
    }

    private static void params(StringBuilder text, String name, String base, List<Param<?>> params) {
        text.append("\n\nclass ").append(name).append("(").append(base).append("):\n");
        for (Param<?> param : params) {
            text.append(
                    "    %s = Param(\n        Params._dummy(),\n        \"%s\",\n        \"%s\",\n        typeConverter=TypeConverters.%s,\n    )\n"
                            .formatted(
                                    param.name(), param.name(), param.doc().replace("\"", "\\\""), converter(param)));
        }
        for (Param<?> param : params) {
            text.append(
                    "\n    def get%s(self):\n        \"\"\"Gets the value of %s.\"\"\"\n        return self.getOrDefault(self.%s)\n"
                            .formatted(capital(param.name()), param.name(), param.name()));
        }
    }

    private static void estimator(StringBuilder text, PipelineStage stage, String params, String model, String doc) {
        String name = stage.getClass().getSimpleName();
        List<Param<?>> all = Arrays.asList(stage.params());
        String keywords = all.stream()
                .map(param -> "        " + param.name() + "=" + value(stage, param) + ",\n")
                .collect(Collectors.joining());
        String defaults = all.stream()
                .filter(param -> stage.hasDefault(param))
                .map(param -> "            " + param.name() + "=" + value(stage, param) + ",\n")
                .collect(Collectors.joining());
        text.append("\n\nclass ").append(name).append("(JavaEstimator, ").append(params);
        text.append(", JavaMLReadable, JavaMLWritable):\n    \"\"\"")
                .append(doc)
                .append("\n\n    Params:\n\n");
        all.forEach(param -> text.append("    ")
                .append(param.name())
                .append(": ")
                .append(param.doc())
                .append("\n"));
        text.append("    \"\"\"\n\n    @keyword_only\n    def __init__(\n        self,\n        *,\n")
                .append(keywords);
        text.append(
                        "    ):\n        super().__init__()\n        self._java_obj = self._new_java_obj(\"dev.lockstep.ml.")
                .append(name)
                .append("\", self.uid)\n        self._setDefault(\n")
                .append(defaults)
                .append(
                        "        )\n        self.setParams(**self._input_kwargs)\n\n    @keyword_only\n    def setParams(\n        self,\n        *,\n")
                .append(keywords)
                .append(
                        "    ):\n        \"\"\"Sets params by name.\"\"\"\n        return self._set(**self._input_kwargs)\n\n    def _create_model(self, java_model):\n        return ")
                .append(model)
                .append("(java_model)\n");
        all.forEach(param -> setter(text, param.name()));
    }

    private static void model(StringBuilder text, String name, String params, String doc, List<String> set) {
        text.append("\n\nclass ").append(name).append("(_LockstepModel, ").append(params);
        text.append(", JavaMLReadable, JavaMLWritable):\n    \"\"\"")
                .append(doc)
                .append("\"\"\"\n");
        set.forEach(param -> setter(text, param));
    }

    private static void setter(StringBuilder text, String param) {
        text.append(
                "\n    def set%s(self, value):\n        \"\"\"Sets the value of %s.\"\"\"\n        return self._set(%s=value)\n"
                        .formatted(capital(param), param, param));
    }

    private static String value(PipelineStage stage, Param<?> param) {
        if (!stage.hasDefault(param)) {
            return "None";
        }
        Object value = stage.getOrDefault(param);
        return value instanceof String word ? "\"" + word + "\"" : String.valueOf(value);
    }

    private static String converter(Param<?> param) {
        if (param instanceof IntParam || param instanceof LongParam) {
            return "toInt";
        }
        if (param instanceof DoubleParam) {
            return "toFloat";
        }
        return param instanceof DoubleArrayParam ? "toListFloat" : "toString";
    }

    private static String capital(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
}
