"""Puts the jar for Spark into the wheel: that of the build beside this folder, or the one LOCKSTEP_JAR names."""

import os
import pathlib
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithJar(build_py):
    def run(self):
        here = pathlib.Path(__file__).resolve().parent
        jar = pathlib.Path(os.environ.get("LOCKSTEP_JAR", here.parent / "jobs" / "target" / "lockstep-spark.jar"))
        if not jar.is_file():
            raise SystemExit(f"{jar} is missing: build it with 'mvn package -DskipTests', or name it in LOCKSTEP_JAR")
        super().run()
        target = pathlib.Path(self.build_lib) / "lockstep" / "jars"
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(jar, target / "lockstep-spark.jar")


setup(cmdclass={"build_py": BuildWithJar})
