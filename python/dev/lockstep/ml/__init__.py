# Licensed under the Apache License, Version 2.0. Written by PythonTest from the Params of the Java classes: change those.
"""Lockstep as stages of a pyspark.ml pipeline.

The module lies where the Java package does, so that PipelineModel.load finds the classes; import them from lockstep.
"""

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
    """How a fit went."""

    @property
    def objectiveHistory(self):
        """The mean loss of each epoch's steps, with regularisation."""
        return list(self._call_java("objectiveHistory"))

    @property
    def totalIterations(self):
        """The optimizer steps that are in the model."""
        return self._call_java("totalIterations")

    @property
    def parametersSha256(self):
        """Two fits made the same model exactly when these are equal."""
        return self._call_java("parametersSha256")

    @property
    def skippedRows(self):
        """The rows that were left out because they are no examples."""
        return self._call_java("skippedRows")

    def metricHistory(self, split, figure):
        """A figure (loss, accuracy, ...) of a split (validation, test), evaluation by evaluation."""
        return list(self._call_java("metricHistory", split, figure))

    @property
    def conf(self):
        """All that the fit was told, defaults filled in, as HOCON."""
        return self._call_java("conf")


class _LockstepModel(JavaModel):
    @property
    def numFeatures(self):
        """How many numbers an example has."""
        return self._call_java("numFeatures")

    @property
    def hasSummary(self):
        """Whether it was fitted in this program, not loaded."""
        return self._call_java("hasSummary")

    @property
    def summary(self):
        """How the fit went."""
        return LockstepTrainingSummary(self._call_java("summary"))

    def register(self, session, name="lockstep_predict"):
        """Makes it a function of SQL: SELECT lockstep_predict(features) FROM rows."""
        self._java_obj.register(session._jsparkSession, name)


class _LockstepParams(Params):
    batchSize = Param(
        Params._dummy(),
        "batchSize",
        "examples of an optimizer step, at least shards; while it is not set, at most the examples there are",
        typeConverter=TypeConverters.toInt,
    )
    checkpointDir = Param(
        Params._dummy(),
        "checkpointDir",
        "folder for checkpoints: a fit that was interrupted goes on from the newest of its own when it is started again; if this is not set, none are written",
        typeConverter=TypeConverters.toString,
    )
    conf = Param(
        Params._dummy(),
        "conf",
        "everything else, the network included: HOCON, the name of a file with it, or of a configuration that comes with Lockstep; what is set by a param goes before it",
        typeConverter=TypeConverters.toString,
    )
    featuresCol = Param(
        Params._dummy(),
        "featuresCol",
        "features column name: vectors, arrays, bytes, numbers or pictures; several columns are named in conf, data.columns.features",
        typeConverter=TypeConverters.toString,
    )
    idCol = Param(
        Params._dummy(),
        "idCol",
        "name of the column that the examples are ordered by; if this is not set, their content is",
        typeConverter=TypeConverters.toString,
    )
    labelCol = Param(
        Params._dummy(),
        "labelCol",
        "label column name",
        typeConverter=TypeConverters.toString,
    )
    maxIter = Param(
        Params._dummy(),
        "maxIter",
        "how often training goes through the data (epochs), at least 1",
        typeConverter=TypeConverters.toInt,
    )
    numTasks = Param(
        Params._dummy(),
        "numTasks",
        "Spark tasks that share a step, which changes no result; 0 for as many as there are slots",
        typeConverter=TypeConverters.toInt,
    )
    predictionCol = Param(
        Params._dummy(),
        "predictionCol",
        "prediction column name",
        typeConverter=TypeConverters.toString,
    )
    seed = Param(
        Params._dummy(),
        "seed",
        "random seed: everything random follows from it",
        typeConverter=TypeConverters.toInt,
    )
    shards = Param(
        Params._dummy(),
        "shards",
        "parts of a batch: part of the experiment, and the most tasks that can share a step",
        typeConverter=TypeConverters.toInt,
    )
    stepSize = Param(
        Params._dummy(),
        "stepSize",
        "learning rate, above 0; if this is not set, the optimizer's own",
        typeConverter=TypeConverters.toFloat,
    )
    validationIndicatorCol = Param(
        Params._dummy(),
        "validationIndicatorCol",
        "name of the column that says which rows are for validation: true for those, false for training",
        typeConverter=TypeConverters.toString,
    )
    weightCol = Param(
        Params._dummy(),
        "weightCol",
        "weight column name: a row that weighs 2 counts as the row twice; if this is not set, all weigh 1",
        typeConverter=TypeConverters.toString,
    )

    def getBatchSize(self):
        """Gets the value of batchSize."""
        return self.getOrDefault(self.batchSize)

    def getCheckpointDir(self):
        """Gets the value of checkpointDir."""
        return self.getOrDefault(self.checkpointDir)

    def getConf(self):
        """Gets the value of conf."""
        return self.getOrDefault(self.conf)

    def getFeaturesCol(self):
        """Gets the value of featuresCol."""
        return self.getOrDefault(self.featuresCol)

    def getIdCol(self):
        """Gets the value of idCol."""
        return self.getOrDefault(self.idCol)

    def getLabelCol(self):
        """Gets the value of labelCol."""
        return self.getOrDefault(self.labelCol)

    def getMaxIter(self):
        """Gets the value of maxIter."""
        return self.getOrDefault(self.maxIter)

    def getNumTasks(self):
        """Gets the value of numTasks."""
        return self.getOrDefault(self.numTasks)

    def getPredictionCol(self):
        """Gets the value of predictionCol."""
        return self.getOrDefault(self.predictionCol)

    def getSeed(self):
        """Gets the value of seed."""
        return self.getOrDefault(self.seed)

    def getShards(self):
        """Gets the value of shards."""
        return self.getOrDefault(self.shards)

    def getStepSize(self):
        """Gets the value of stepSize."""
        return self.getOrDefault(self.stepSize)

    def getValidationIndicatorCol(self):
        """Gets the value of validationIndicatorCol."""
        return self.getOrDefault(self.validationIndicatorCol)

    def getWeightCol(self):
        """Gets the value of weightCol."""
        return self.getOrDefault(self.weightCol)


class _LockstepClassifierParams(_LockstepParams):
    predictedLabelCol = Param(
        Params._dummy(),
        "predictedLabelCol",
        "column name for the word of the predicted class, where labels are words; empty for none",
        typeConverter=TypeConverters.toString,
    )
    probabilityCol = Param(
        Params._dummy(),
        "probabilityCol",
        "column name for the classes' probabilities; empty for none",
        typeConverter=TypeConverters.toString,
    )
    rawPredictionCol = Param(
        Params._dummy(),
        "rawPredictionCol",
        "column name for the probabilities' logarithms, the raw prediction; empty for none",
        typeConverter=TypeConverters.toString,
    )
    thresholds = Param(
        Params._dummy(),
        "thresholds",
        "thresholds in multi-class classification: the class with the largest p/t is predicted, where p is its probability and t its threshold; one for each class, above 0, but for at most one that may be 0",
        typeConverter=TypeConverters.toListFloat,
    )

    def getPredictedLabelCol(self):
        """Gets the value of predictedLabelCol."""
        return self.getOrDefault(self.predictedLabelCol)

    def getProbabilityCol(self):
        """Gets the value of probabilityCol."""
        return self.getOrDefault(self.probabilityCol)

    def getRawPredictionCol(self):
        """Gets the value of rawPredictionCol."""
        return self.getOrDefault(self.rawPredictionCol)

    def getThresholds(self):
        """Gets the value of thresholds."""
        return self.getOrDefault(self.thresholds)


class LockstepClassifier(JavaEstimator, _LockstepClassifierParams, JavaMLReadable, JavaMLWritable):
    """Learns to tell the class of a row: a network, trained exactly on all executors.

    Params:

    batchSize: examples of an optimizer step, at least shards; while it is not set, at most the examples there are
    checkpointDir: folder for checkpoints: a fit that was interrupted goes on from the newest of its own when it is started again; if this is not set, none are written
    conf: everything else, the network included: HOCON, the name of a file with it, or of a configuration that comes with Lockstep; what is set by a param goes before it
    featuresCol: features column name: vectors, arrays, bytes, numbers or pictures; several columns are named in conf, data.columns.features
    idCol: name of the column that the examples are ordered by; if this is not set, their content is
    labelCol: label column name
    maxIter: how often training goes through the data (epochs), at least 1
    numTasks: Spark tasks that share a step, which changes no result; 0 for as many as there are slots
    predictedLabelCol: column name for the word of the predicted class, where labels are words; empty for none
    predictionCol: prediction column name
    probabilityCol: column name for the classes' probabilities; empty for none
    rawPredictionCol: column name for the probabilities' logarithms, the raw prediction; empty for none
    seed: random seed: everything random follows from it
    shards: parts of a batch: part of the experiment, and the most tasks that can share a step
    stepSize: learning rate, above 0; if this is not set, the optimizer's own
    thresholds: thresholds in multi-class classification: the class with the largest p/t is predicted, where p is its probability and t its threshold; one for each class, above 0, but for at most one that may be 0
    validationIndicatorCol: name of the column that says which rows are for validation: true for those, false for training
    weightCol: weight column name: a row that weighs 2 counts as the row twice; if this is not set, all weigh 1
    """

    @keyword_only
    def __init__(
        self,
        *,
        batchSize=32,
        checkpointDir=None,
        conf=None,
        featuresCol="features",
        idCol=None,
        labelCol="label",
        maxIter=100,
        numTasks=0,
        predictedLabelCol="predictedLabel",
        predictionCol="prediction",
        probabilityCol="probability",
        rawPredictionCol="rawPrediction",
        seed=1,
        shards=4,
        stepSize=None,
        thresholds=None,
        validationIndicatorCol=None,
        weightCol=None,
    ):
        super().__init__()
        self._java_obj = self._new_java_obj("dev.lockstep.ml.LockstepClassifier", self.uid)
        self._setDefault(
            batchSize=32,
            featuresCol="features",
            labelCol="label",
            maxIter=100,
            numTasks=0,
            predictedLabelCol="predictedLabel",
            predictionCol="prediction",
            probabilityCol="probability",
            rawPredictionCol="rawPrediction",
            seed=1,
            shards=4,
        )
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        batchSize=32,
        checkpointDir=None,
        conf=None,
        featuresCol="features",
        idCol=None,
        labelCol="label",
        maxIter=100,
        numTasks=0,
        predictedLabelCol="predictedLabel",
        predictionCol="prediction",
        probabilityCol="probability",
        rawPredictionCol="rawPrediction",
        seed=1,
        shards=4,
        stepSize=None,
        thresholds=None,
        validationIndicatorCol=None,
        weightCol=None,
    ):
        """Sets params by name."""
        return self._set(**self._input_kwargs)

    def _create_model(self, java_model):
        return LockstepClassificationModel(java_model)

    def setBatchSize(self, value):
        """Sets the value of batchSize."""
        return self._set(batchSize=value)

    def setCheckpointDir(self, value):
        """Sets the value of checkpointDir."""
        return self._set(checkpointDir=value)

    def setConf(self, value):
        """Sets the value of conf."""
        return self._set(conf=value)

    def setFeaturesCol(self, value):
        """Sets the value of featuresCol."""
        return self._set(featuresCol=value)

    def setIdCol(self, value):
        """Sets the value of idCol."""
        return self._set(idCol=value)

    def setLabelCol(self, value):
        """Sets the value of labelCol."""
        return self._set(labelCol=value)

    def setMaxIter(self, value):
        """Sets the value of maxIter."""
        return self._set(maxIter=value)

    def setNumTasks(self, value):
        """Sets the value of numTasks."""
        return self._set(numTasks=value)

    def setPredictedLabelCol(self, value):
        """Sets the value of predictedLabelCol."""
        return self._set(predictedLabelCol=value)

    def setPredictionCol(self, value):
        """Sets the value of predictionCol."""
        return self._set(predictionCol=value)

    def setProbabilityCol(self, value):
        """Sets the value of probabilityCol."""
        return self._set(probabilityCol=value)

    def setRawPredictionCol(self, value):
        """Sets the value of rawPredictionCol."""
        return self._set(rawPredictionCol=value)

    def setSeed(self, value):
        """Sets the value of seed."""
        return self._set(seed=value)

    def setShards(self, value):
        """Sets the value of shards."""
        return self._set(shards=value)

    def setStepSize(self, value):
        """Sets the value of stepSize."""
        return self._set(stepSize=value)

    def setThresholds(self, value):
        """Sets the value of thresholds."""
        return self._set(thresholds=value)

    def setValidationIndicatorCol(self, value):
        """Sets the value of validationIndicatorCol."""
        return self._set(validationIndicatorCol=value)

    def setWeightCol(self, value):
        """Sets the value of weightCol."""
        return self._set(weightCol=value)


class LockstepClassificationModel(_LockstepModel, _LockstepClassifierParams, JavaMLReadable, JavaMLWritable):
    """A network that tells the class of a row."""

    def setFeaturesCol(self, value):
        """Sets the value of featuresCol."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value):
        """Sets the value of predictionCol."""
        return self._set(predictionCol=value)

    def setPredictedLabelCol(self, value):
        """Sets the value of predictedLabelCol."""
        return self._set(predictedLabelCol=value)

    def setProbabilityCol(self, value):
        """Sets the value of probabilityCol."""
        return self._set(probabilityCol=value)

    def setRawPredictionCol(self, value):
        """Sets the value of rawPredictionCol."""
        return self._set(rawPredictionCol=value)

    def setThresholds(self, value):
        """Sets the value of thresholds."""
        return self._set(thresholds=value)

    @property
    def numClasses(self):
        """How many classes there are."""
        return self._call_java("numClasses")

    @property
    def labels(self):
        """The words of the classes in the order of their numbers; none where labels were numbers."""
        return list(self._call_java("labels"))


class LockstepRegressor(JavaEstimator, _LockstepParams, JavaMLReadable, JavaMLWritable):
    """Learns to tell a number of a row: a network, trained exactly on all executors.

    Params:

    batchSize: examples of an optimizer step, at least shards; while it is not set, at most the examples there are
    checkpointDir: folder for checkpoints: a fit that was interrupted goes on from the newest of its own when it is started again; if this is not set, none are written
    conf: everything else, the network included: HOCON, the name of a file with it, or of a configuration that comes with Lockstep; what is set by a param goes before it
    featuresCol: features column name: vectors, arrays, bytes, numbers or pictures; several columns are named in conf, data.columns.features
    idCol: name of the column that the examples are ordered by; if this is not set, their content is
    labelCol: label column name
    maxIter: how often training goes through the data (epochs), at least 1
    numTasks: Spark tasks that share a step, which changes no result; 0 for as many as there are slots
    predictionCol: prediction column name
    seed: random seed: everything random follows from it
    shards: parts of a batch: part of the experiment, and the most tasks that can share a step
    stepSize: learning rate, above 0; if this is not set, the optimizer's own
    validationIndicatorCol: name of the column that says which rows are for validation: true for those, false for training
    weightCol: weight column name: a row that weighs 2 counts as the row twice; if this is not set, all weigh 1
    """

    @keyword_only
    def __init__(
        self,
        *,
        batchSize=32,
        checkpointDir=None,
        conf=None,
        featuresCol="features",
        idCol=None,
        labelCol="label",
        maxIter=100,
        numTasks=0,
        predictionCol="prediction",
        seed=1,
        shards=4,
        stepSize=None,
        validationIndicatorCol=None,
        weightCol=None,
    ):
        super().__init__()
        self._java_obj = self._new_java_obj("dev.lockstep.ml.LockstepRegressor", self.uid)
        self._setDefault(
            batchSize=32,
            featuresCol="features",
            labelCol="label",
            maxIter=100,
            numTasks=0,
            predictionCol="prediction",
            seed=1,
            shards=4,
        )
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        batchSize=32,
        checkpointDir=None,
        conf=None,
        featuresCol="features",
        idCol=None,
        labelCol="label",
        maxIter=100,
        numTasks=0,
        predictionCol="prediction",
        seed=1,
        shards=4,
        stepSize=None,
        validationIndicatorCol=None,
        weightCol=None,
    ):
        """Sets params by name."""
        return self._set(**self._input_kwargs)

    def _create_model(self, java_model):
        return LockstepRegressionModel(java_model)

    def setBatchSize(self, value):
        """Sets the value of batchSize."""
        return self._set(batchSize=value)

    def setCheckpointDir(self, value):
        """Sets the value of checkpointDir."""
        return self._set(checkpointDir=value)

    def setConf(self, value):
        """Sets the value of conf."""
        return self._set(conf=value)

    def setFeaturesCol(self, value):
        """Sets the value of featuresCol."""
        return self._set(featuresCol=value)

    def setIdCol(self, value):
        """Sets the value of idCol."""
        return self._set(idCol=value)

    def setLabelCol(self, value):
        """Sets the value of labelCol."""
        return self._set(labelCol=value)

    def setMaxIter(self, value):
        """Sets the value of maxIter."""
        return self._set(maxIter=value)

    def setNumTasks(self, value):
        """Sets the value of numTasks."""
        return self._set(numTasks=value)

    def setPredictionCol(self, value):
        """Sets the value of predictionCol."""
        return self._set(predictionCol=value)

    def setSeed(self, value):
        """Sets the value of seed."""
        return self._set(seed=value)

    def setShards(self, value):
        """Sets the value of shards."""
        return self._set(shards=value)

    def setStepSize(self, value):
        """Sets the value of stepSize."""
        return self._set(stepSize=value)

    def setValidationIndicatorCol(self, value):
        """Sets the value of validationIndicatorCol."""
        return self._set(validationIndicatorCol=value)

    def setWeightCol(self, value):
        """Sets the value of weightCol."""
        return self._set(weightCol=value)


class LockstepRegressionModel(_LockstepModel, _LockstepParams, JavaMLReadable, JavaMLWritable):
    """A network that tells a number of a row."""

    def setFeaturesCol(self, value):
        """Sets the value of featuresCol."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value):
        """Sets the value of predictionCol."""
        return self._set(predictionCol=value)
