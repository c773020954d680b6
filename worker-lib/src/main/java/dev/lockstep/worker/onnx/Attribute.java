package dev.lockstep.worker.onnx;

import java.util.List;

/** A setting of an operator, fixed in the file: its AttributeProto. */
public final class Attribute {
    private static final int NAME = 1;
    private static final int F = 2;
    private static final int I = 3;
    private static final int S = 4;
    private static final int FLOATS = 7;
    private static final int INTS = 8;
    private static final int STRINGS = 9;
    private static final int TYPE = 20;
    private static final int TYPE_FLOAT = 1;
    private static final int TYPE_INT = 2;
    private static final int TYPE_STRING = 3;
    private static final int TYPE_FLOATS = 6;
    private static final int TYPE_INTS = 7;
    private static final int TYPE_STRINGS = 8;

    private final Message message;

    private Attribute(Message message) {
        this.message = message;
    }

    public static Attribute of(String name, float value) {
        return new Attribute(new Message().with(NAME, name).single(F, value).with(TYPE, TYPE_FLOAT));
    }

    public static Attribute of(String name, long value) {
        return new Attribute(new Message().with(NAME, name).with(I, value).with(TYPE, TYPE_INT));
    }

    public static Attribute of(String name, long[] values) {
        Message message = new Message().with(NAME, name).with(TYPE, TYPE_INTS);
        for (long value : values) {
            message.with(INTS, value);
        }
        return new Attribute(message);
    }

    public static Attribute of(String name, String value) {
        return new Attribute(new Message().with(NAME, name).with(S, value).with(TYPE, TYPE_STRING));
    }

    public static Attribute of(String name, float[] values) {
        Message message = new Message().with(NAME, name).with(TYPE, TYPE_FLOATS);
        for (float value : values) {
            message.single(FLOATS, value);
        }
        return new Attribute(message);
    }

    public static Attribute of(String name, List<String> values) {
        Message message = new Message().with(NAME, name).with(TYPE, TYPE_STRINGS);
        values.forEach(value -> message.with(STRINGS, value));
        return new Attribute(message);
    }

    Message message() {
        return message;
    }
}
