package dev.lockstep.worker.source;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;

/** A split that an executor is sent once, for all of its tasks: one of a text holds the text. In a session with Kryo, too. */
@DefaultSerializer(JavaSerializer.class)
public record SharedSplit(Split split) implements Serializable {}
