package dev.lockstep.worker.evaluate;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.model.Distillation.Teacher;

/**
 * A model as plain values.
 *
 * @param configurationJson DL4J's configuration
 * @param parameters float32 in DL4J's flat order
 */
@DefaultSerializer(JavaSerializer.class)
public record StoredModel(String configurationJson, float[] parameters) implements Teacher {}
