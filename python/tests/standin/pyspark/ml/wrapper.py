from pyspark.ml.param import Params


class JavaObject:
    """What py4j would hand out: it remembers what it is told."""

    def __init__(self, name, uid=None):
        self.name, self.uid, self.told, self.registered = name, uid, {}, None

    def fit(self, dataset):
        return JavaObject(self.name.replace("Classifier", "ClassificationModel").replace("Regressor", "RegressionModel"))

    def register(self, session, name):
        self.registered = (session, name)

    def numFeatures(self):
        return 4

    def numClasses(self):
        return 3

    def labels(self):
        return ("a", "b", "c")

    def hasSummary(self):
        return True

    def summary(self):
        return Summary()


class Summary:
    def objectiveHistory(self):
        return (2.0, 1.0)

    def totalIterations(self):
        return 8

    def parametersSha256(self):
        return "00ff"

    def conf(self):
        return "seed=1"

    def skippedRows(self):
        return 7

    def metricHistory(self, split, figure):
        return {("validation", "accuracy"): (0.5, 0.75)}[split, figure]


class JavaWrapper:
    def __init__(self, java_obj=None):
        super().__init__()
        self._java_obj = java_obj

    @staticmethod
    def _new_java_obj(java_class, *args):
        return JavaObject(java_class, *args)

    def _call_java(self, name, *args):
        return getattr(self._java_obj, name)(*args)


class JavaParams(JavaWrapper, Params):
    def _transfer_params_to_java(self):
        for param in self.params:
            if self.isSet(param):
                self._java_obj.told[param.name] = self._paramMap[param]

    @staticmethod
    def _from_java(java_stage):
        """The wrapper of a stage that was loaded by Java, found by the name of its class."""
        module, name = java_stage.name.replace("org.apache.spark", "pyspark").rsplit(".", 1)
        wrapper = getattr(__import__(module, fromlist=[name]), name)()
        wrapper._java_obj = java_stage
        return wrapper


class JavaEstimator(JavaParams):
    def fit(self, dataset):
        self._transfer_params_to_java()
        return self._create_model(self._java_obj.fit(dataset))


class JavaModel(JavaParams):
    def __init__(self, java_model=None):
        super().__init__(java_model)
