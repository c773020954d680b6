"""Lockstep: exact data-parallel neural-network training on Apache Spark.

    spark = SparkSession.builder.config("spark.jars", lockstep.jar()).getOrCreate()
"""

import pathlib

from dev.lockstep.ml import (
    LockstepClassificationModel,
    LockstepClassifier,
    LockstepRegressionModel,
    LockstepRegressor,
    LockstepTrainingSummary,
)

__all__ = [
    "LockstepClassificationModel",
    "LockstepClassifier",
    "LockstepRegressionModel",
    "LockstepRegressor",
    "LockstepTrainingSummary",
    "jar",
]


def jar():
    """The jar for Spark's class path, which lies in this package."""
    return str(pathlib.Path(__file__).resolve().parent / "jars" / "lockstep-spark.jar")
