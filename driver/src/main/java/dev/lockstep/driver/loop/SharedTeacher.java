package dev.lockstep.driver.loop;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.Releases;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.exchange.BroadcastTeacher;
import dev.lockstep.worker.model.Distillation;
import dev.lockstep.worker.reduce.FloatArray;
import java.nio.charset.StandardCharsets;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** A teacher that the tasks of a run look up, until it is closed. */
record SharedTeacher(Broadcast<StoredModel> model, Distillation distillation) implements AutoCloseable {

    /** @return null when it would say nothing: its part of the loss weighs 0 */
    static SharedTeacher of(JavaSparkContext spark, RunConfig.Teaching teaching, StoredModel teacher) {
        if (teaching.weight() == 0) {
            return null;
        }
        String which = FloatArray.of(teacher.parameters()).sha256() + teacher.configurationJson();
        Broadcast<StoredModel> model = Jobs.broadcast(spark, teacher);
        return new SharedTeacher(
                model,
                new Distillation(
                        teaching.weight(),
                        teaching.temperature(),
                        TrainingState.sha256(which.getBytes(StandardCharsets.UTF_8)),
                        new BroadcastTeacher(model)));
    }

    @Override
    public void close() {
        Releases.release(model);
    }
}
