package dev.lockstep.worker.exchange;

import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.model.Distillation.Teacher;
import org.apache.spark.broadcast.Broadcast;

/** A teacher that tasks look up: what they are sent is where. */
public record BroadcastTeacher(Broadcast<StoredModel> model) implements Teacher {

    @Override
    public String configurationJson() {
        return model.value().configurationJson();
    }

    @Override
    public float[] parameters() {
        return model.value().parameters();
    }
}
