"""The wrappers, against the stand-in for pyspark beside this file, and the build of the wheel."""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import types
import unittest
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE / "standin"), str(ROOT)]

import lockstep  # noqa: E402
from dev.lockstep import ml  # noqa: E402
from pyspark.ml.param import Param  # noqa: E402
from pyspark.ml.wrapper import JavaObject, JavaParams  # noqa: E402


class WrappersTest(unittest.TestCase):
    def test_params_are_told_to_java(self):
        classifier = lockstep.LockstepClassifier(maxIter=3, thresholds=[1, 2])
        self.assertEqual(classifier._java_obj.name, "dev.lockstep.ml.LockstepClassifier")
        self.assertEqual(classifier._java_obj.uid, classifier.uid)
        self.assertIs(classifier.setConf("seed = 2").setStepSize(1), classifier)
        classifier.setParams(seed=5)
        model = classifier.fit("rows")
        told = {"maxIter": 3, "thresholds": [1.0, 2.0], "conf": "seed = 2", "stepSize": 1.0, "seed": 5}
        self.assertEqual(classifier._java_obj.told, told)
        self.assertIsInstance(model, lockstep.LockstepClassificationModel)
        self.assertEqual((model.numClasses, model.numFeatures, model.labels), (3, 4, ["a", "b", "c"]))

    def test_defaults_are_not_set(self):
        regressor = lockstep.LockstepRegressor()
        regressor.fit("rows")
        self.assertEqual(regressor._java_obj.told, {})
        self.assertEqual((regressor.getMaxIter(), regressor.getBatchSize(), regressor.getLabelCol()), (100, 32, "label"))
        with self.assertRaises(KeyError):
            regressor.getStepSize()
        with self.assertRaises(TypeError):
            lockstep.LockstepRegressor(3)
        with self.assertRaises(TypeError):
            regressor.setMaxIter(1.5)

    def test_each_param_has_its_accessors_and_its_line(self):
        for kind in (lockstep.LockstepClassifier, lockstep.LockstepRegressor):
            for param in kind().params:
                name = param.name[0].upper() + param.name[1:]
                self.assertTrue(callable(getattr(kind, "get" + name)))
                self.assertTrue(callable(getattr(kind, "set" + name)))
                self.assertIn(f"    {param.name}: {param.doc}\n", kind.__doc__)
                self.assertIsInstance(getattr(kind, param.name), Param)

    def test_a_model_shows_what_java_has(self):
        model = lockstep.LockstepRegressor().fit("rows")
        self.assertTrue(model.hasSummary)
        self.assertEqual(model.summary.objectiveHistory, [2.0, 1.0])
        self.assertEqual((model.summary.totalIterations, model.summary.parametersSha256), (8, "00ff"))
        self.assertEqual(model.summary.metricHistory("validation", "accuracy"), [0.5, 0.75])
        self.assertEqual((model.summary.skippedRows, model.summary.conf), (7, "seed=1"))
        model.register(types.SimpleNamespace(_jsparkSession="session"))
        self.assertEqual(model._java_obj.registered, ("session", "lockstep_predict"))
        model.setPredictionCol("guess")
        model.write()
        self.assertEqual(model._java_obj.told, {"predictionCol": "guess"})

    def test_classes_lie_where_java_has_them(self):
        for name in ml.__all__:
            self.assertIs(getattr(lockstep, name), getattr(ml, name))
        for name in ml.__all__[:4]:
            self.assertEqual(getattr(lockstep, name).read(), "dev.lockstep.ml." + name)
            found = JavaParams._from_java(JavaObject("dev.lockstep.ml." + name))
            self.assertIs(type(found), getattr(lockstep, name))


class WheelTest(unittest.TestCase):
    def test_it_has_the_jar_and_the_modules(self):
        have = importlib.util.find_spec("wheel") and importlib.util.find_spec("setuptools")
        with tempfile.TemporaryDirectory() as folder:
            jar = pathlib.Path(folder, "some.jar")
            jar.write_bytes(b"jar")
            source = shutil.copytree(ROOT, pathlib.Path(folder, "python"))
            pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "wheel", "--no-deps", "-w", folder]
            built = subprocess.run(
                [*pip, *(["--no-build-isolation"] if have else []), str(source)],
                env={**os.environ, "LOCKSTEP_JAR": str(jar)},
                capture_output=True,
                text=True,
            )
            if built.returncode and not have:
                self.skipTest("setuptools and wheel are not installed, and pip cannot fetch them: " + built.stderr[-300:])
            self.assertEqual(built.returncode, 0, built.stderr)
            (wheel,) = pathlib.Path(folder).glob("lockstep-*.whl")
            with zipfile.ZipFile(wheel) as files:
                names = set(files.namelist())
                self.assertEqual(files.read("lockstep/jars/lockstep-spark.jar"), b"jar")
            self.assertLessEqual({"lockstep/__init__.py", "dev/lockstep/ml/__init__.py"}, names)
            self.assertFalse({"dev/__init__.py", "dev/lockstep/__init__.py"} & names)  # others may have a dev


if __name__ == "__main__":
    unittest.main()
