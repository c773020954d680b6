package dev.lockstep.worker.onnx;

/** What the numbers of a value are. */
public enum ElementType {
    FLOAT(1),
    INT32(6),
    INT64(7),
    BOOL(9),
    DOUBLE(11);

    private final int code;

    /** @param code as TensorProto has it */
    ElementType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
