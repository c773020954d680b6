package dev.lockstep.worker.natives;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.cpu.nativecpu.DirectShapeInfoProvider;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Descriptions of arrays' shapes, each made once: native memory that never changes and that all arrays of a shape share. ND4J
 * 1.0.0-M2 keeps those that are asked for in one way and forgot the other, by which nearly all of its arrays ask; making one
 * costs more than a small array's arithmetic, and as much again for the garbage collector.
 */
final class ShapesOnce extends DirectShapeInfoProvider {
    /** Sequences of every length make shapes of their own; what comes after so many is made anew each time. */
    private static final int MOST = 20_000;

    private final Map<Shape, Pair<DataBuffer, long[]>> made = new ConcurrentHashMap<>();

    private ShapesOnce() {}

    private record Shape(long[] sizes, long[] strides, long elementStride, char order, DataType type, boolean empty) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Shape shape
                    && Arrays.equals(sizes, shape.sizes)
                    && Arrays.equals(strides, shape.strides)
                    && elementStride == shape.elementStride
                    && order == shape.order
                    && type == shape.type
                    && empty == shape.empty;
        }

        @Override
        public int hashCode() {
            int hash = Arrays.hashCode(sizes) * 31 + Arrays.hashCode(strides);
            return (hash * 31 + Long.hashCode(elementStride)) * 31 + order + type.ordinal();
        }
    }

    /** Has ND4J ask here, in this process. */
    static void install() {
        try {
            Field field = Nd4j.class.getDeclaredField("shapeInfoProvider");
            field.setAccessible(true);
            if (field.get(null).getClass() == DirectShapeInfoProvider.class) {
                field.set(null, new ShapesOnce());
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("ND4J has no field 'shapeInfoProvider' to put shapes in", e);
        }
    }

    @Override
    public Pair<DataBuffer, long[]> createShapeInformation(
            long[] sizes, long[] strides, long elementStride, char order, DataType type, boolean empty) {
        Pair<DataBuffer, long[]> kept = made.get(new Shape(sizes, strides, elementStride, order, type, empty));
        if (kept != null) {
            return kept;
        }
        Pair<DataBuffer, long[]> fresh =
                super.createShapeInformation(sizes, strides, elementStride, order, type, empty);
        if (made.size() < MOST) {
            made.put(new Shape(sizes.clone(), strides.clone(), elementStride, order, type, empty), fresh);
        }
        return fresh;
    }

    @Override
    public void purgeCache() {
        super.purgeCache();
        made.clear();
    }
}
