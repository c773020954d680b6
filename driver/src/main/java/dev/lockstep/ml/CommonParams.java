package dev.lockstep.ml;

import java.io.Serializable;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** The Params of {@link LockstepParams}, made for their owner. */
public record CommonParams(
        Param<String> featuresCol,
        Param<String> labelCol,
        Param<String> predictionCol,
        Param<String> weightCol,
        Param<String> validationIndicatorCol,
        Param<String> idCol,
        LongParam seed,
        IntParam maxIter,
        IntParam batchSize,
        DoubleParam stepSize,
        IntParam shards,
        IntParam numTasks,
        Param<String> checkpointDir,
        Param<String> conf)
        implements Serializable {

    static CommonParams of(Params owner) {
        return new CommonParams(
                new Param<>(
                        owner,
                        "featuresCol",
                        "features column name: vectors, arrays, bytes, numbers or pictures; several columns are named in"
                                + " conf, data.columns.features"),
                new Param<>(owner, "labelCol", "label column name"),
                new Param<>(owner, "predictionCol", "prediction column name"),
                new Param<>(
                        owner,
                        "weightCol",
                        "weight column name: a row that weighs 2 counts as the row twice; if this is not set, all"
                                + " weigh 1"),
                new Param<>(
                        owner,
                        "validationIndicatorCol",
                        "name of the column that says which rows are for validation: true for those, false for"
                                + " training"),
                new Param<>(
                        owner,
                        "idCol",
                        "name of the column that the examples are ordered by; if this is not set, their content is"),
                new LongParam(owner, "seed", "random seed: everything random follows from it"),
                new IntParam(
                        owner,
                        "maxIter",
                        "how often training goes through the data (epochs), at least 1",
                        ParamValidators.gtEq(1)),
                new IntParam(
                        owner,
                        "batchSize",
                        "examples of an optimizer step, at least shards; while it is not set, at most the examples there"
                                + " are",
                        ParamValidators.gtEq(1)),
                new DoubleParam(
                        owner,
                        "stepSize",
                        "learning rate, above 0; if this is not set, the optimizer's own",
                        ParamValidators.gt(0)),
                new IntParam(
                        owner,
                        "shards",
                        "parts of a batch: part of the experiment, and the most tasks that can share a step",
                        ParamValidators.gtEq(1)),
                new IntParam(
                        owner,
                        "numTasks",
                        "Spark tasks that share a step, which changes no result; 0 for as many as there are slots",
                        ParamValidators.gtEq(0)),
                new Param<>(
                        owner,
                        "checkpointDir",
                        "folder for checkpoints: a fit that was interrupted goes on from the newest of its own when it"
                                + " is started again; if this is not set, none are written"),
                new Param<>(
                        owner,
                        "conf",
                        "everything else, the network included: HOCON, the name of a file with it, or of a configuration"
                                + " that comes with Lockstep; what is set by a param goes before it"));
    }

    /** To be called when all Params of the owner are there. */
    static void setDefaults(LockstepParams owner) {
        owner.setDefault(owner.featuresCol(), "features");
        owner.setDefault(owner.labelCol(), "label");
        owner.setDefault(owner.predictionCol(), "prediction");
        owner.setDefault(owner.seed(), 1L);
        owner.setDefault(owner.maxIter(), 100);
        owner.setDefault(owner.batchSize(), 32);
        owner.setDefault(owner.shards(), 4);
        owner.setDefault(owner.numTasks(), 0);
    }
}
