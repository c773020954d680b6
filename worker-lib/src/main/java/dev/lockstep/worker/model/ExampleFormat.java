package dev.lockstep.worker.model;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How the examples of a data set are stored, and what they are. Packed, an example is its target, its weight where
 * examples have one, the number of its time steps where it has some, and its features, all little-endian; where every step has
 * a target, these stand before the features, step by step, and before them, where examples lead in, the number of first steps
 * that have none.
 *
 * @param element how a value of the features is stored
 * @param features the shape of one example; of a sequence, of any length
 * @param target what is to be learnt of it
 * @param weighted whether each example says how much it counts while the network learns: 2 as the example twice; else
 *     all weigh 1
 * @param scaling of floats, what becomes of them before a network is given them
 * @param ledIn where every step has a target, whether the first steps of an example may have none: they are read alone
 */
public record ExampleFormat(
        Element element, Shape features, Target target, boolean weighted, Scaling scaling, boolean ledIn)
        implements Serializable {

    /** Of examples that all weigh the same. */
    public ExampleFormat(Element element, Shape features, Target target) {
        this(element, features, target, false, Scaling.NONE, false);
    }

    /** How a value is stored. */
    public enum Element {
        /** One unsigned byte; the network is given a 255th of it. */
        BYTE(1),
        /** float32 */
        FLOAT(Float.BYTES);

        private final int bytes;

        Element(int bytes) {
            this.bytes = bytes;
        }
    }

    /**
     * What is to be learnt of an example.
     *
     * @param kind how it is stored
     * @param values how many the network answers with
     * @param everyStep whether each step of a sequence has one of its own
     */
    public record Target(Kind kind, int values, boolean everyStep) implements Serializable {

        /** Of an example as a whole. */
        public Target(Kind kind, int values) {
            this(kind, values, false);
        }

        /** How a target is stored. */
        public enum Kind {
            /** One of {@code values} classes, from 0. */
            CLASS,
            /** {@code values} numbers. */
            VALUES
        }

        private int bytes() {
            return kind == Kind.CLASS ? Integer.BYTES : values * Float.BYTES;
        }

        /** The bytes before everything else. */
        private int bytesOfExample() {
            return everyStep ? 0 : bytes();
        }

        /** The bytes of each step. */
        private int bytesOfStep() {
            return everyStep ? bytes() : 0;
        }
    }

    /** Images or vectors of bytes, of one class each. */
    public static ExampleFormat bytes(Shape features, int classes) {
        return new ExampleFormat(Element.BYTE, features, new Target(Target.Kind.CLASS, classes));
    }

    /** Floats with as many numbers to be learnt. */
    public static ExampleFormat floats(Shape features, int targets) {
        return new ExampleFormat(Element.FLOAT, features, new Target(Target.Kind.VALUES, targets));
    }

    /** The same examples, of which each may begin with steps that have no target. */
    public ExampleFormat withLeadIn() {
        return new ExampleFormat(element, features, target, weighted, scaling, true);
    }

    /** The same examples, each with a weight. */
    public ExampleFormat withWeights() {
        return new ExampleFormat(element, features, target, true, scaling, ledIn);
    }

    /** The same examples, of which a network is given something else. */
    public ExampleFormat scaled(Scaling other) {
        return new ExampleFormat(element, features, target, weighted, other, ledIn);
    }

    /** The bytes of a packed example; of a sequence, of one with a single step. */
    public int size() {
        return beforeFeatures(1) + features.size() * element.bytes;
    }

    /**
     * The bytes of a packed sequence whose steps all have a target where steps have one.
     *
     * @param steps from 1
     * @throws ArithmeticException when they are 2 GiB or more
     */
    public int size(int steps) {
        int step = target.bytesOfStep() + features.size() * element.bytes;
        return Math.addExact(size(), Math.multiplyExact(steps - 1, step));
    }

    private int beforeSteps() {
        return target.bytesOfExample() + (weighted ? Float.BYTES : 0);
    }

    private int beforeTargets() {
        return target.everyStep ? beforeSteps() + Integer.BYTES + (ledIn ? Integer.BYTES : 0) : 0;
    }

    /** @param told of the steps */
    private int beforeFeatures(int told) {
        if (target.everyStep) {
            return beforeTargets() + told * target.bytesOfStep();
        }
        return beforeSteps() + (features.hasTime() ? Integer.BYTES : 0);
    }

    /** An example of bytes and its class; it weighs 1. */
    public byte[] pack(int label, byte[] values, int at) {
        return pack(label, values, at, 1);
    }

    /**
     * An example of bytes and its class.
     *
     * @param weight as {@link #isWeight} has it; 1 where examples have none
     * @throws IllegalArgumentException when it is not
     */
    public byte[] pack(int label, byte[] values, int at, float weight) {
        ByteBuffer packed = ByteBuffer.allocate(size()).order(ByteOrder.LITTLE_ENDIAN);
        putWeight(packed.putInt(label), weight);
        return packed.put(values, at, features.size()).array();
    }

    /** An example of floats that weighs 1. */
    public byte[] pack(float[] values, float[] targets) {
        return pack(values, targets, 1);
    }

    /**
     * An example of floats.
     *
     * @param values {@code [features]}, or of a sequence {@code [steps][features]}
     * @param targets {@code [targets]}, or one class; where every step has one, {@code [steps][targets]}, or as many classes;
     *     fewer where the first steps lead in
     * @param weight as {@link #isWeight} has it; 1 where examples have none
     * @throws IllegalArgumentException when it is not, or there are fewer or more targets
     */
    public byte[] pack(float[] values, float[] targets, float weight) {
        int steps = values.length / features.size();
        if (steps == 0) {
            throw new IllegalArgumentException("an example has no step; expected at least one of " + features);
        }
        int told = told(steps, targets.length);
        ByteBuffer packed = ByteBuffer.allocate(beforeFeatures(told) + steps * features.size() * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        if (!target.everyStep) {
            putTargets(packed, targets);
        }
        putWeight(packed, weight);
        if (features.hasTime()) {
            packed.putInt(steps);
        }
        if (target.everyStep) {
            if (ledIn) {
                packed.putInt(steps - told);
            }
            putTargets(packed, targets);
        }
        for (float value : values) {
            packed.putFloat(value);
        }
        return packed.array();
    }

    /** How many targets so many values are. */
    private int told(int steps, int values) {
        boolean classes = target.kind == Target.Kind.CLASS;
        if (classes && !target.everyStep) {
            return 1; // the first one
        }
        int each = classes ? 1 : target.values;
        int most = target.everyStep ? steps : 1;
        int least = ledIn ? 1 : most;
        if (values % each != 0 || values < least * each || values > most * each) {
            throw new IllegalArgumentException("an example of " + steps + " steps has targets of " + values
                    + " values; expected " + least * each + (least == most ? "" : " to " + most * each));
        }
        return values / each;
    }

    private void putTargets(ByteBuffer packed, float[] targets) {
        if (target.kind == Target.Kind.CLASS) {
            for (int i = 0; i < (target.everyStep ? targets.length : 1); i++) {
                packed.putInt((int) targets[i]);
            }
        } else {
            for (float value : targets) {
                packed.putFloat(value);
            }
        }
    }

    private void putWeight(ByteBuffer packed, float weight) {
        if (!isWeight(weight) || !weighted && weight != 1) {
            throw new IllegalArgumentException("an example cannot weigh " + weight + "; expected "
                    + (weighted ? "a finite number above 0" : "1: these have no weights"));
        }
        if (weighted) {
            packed.putFloat(weight);
        }
    }

    /** Whether an example may weigh so much: a finite number above 0. */
    public static boolean isWeight(float weight) {
        return weight > 0 && weight < Float.POSITIVE_INFINITY;
    }

    /** How much a packed example counts while the network learns; 1 where none is stored. */
    public float weight(byte[] packed) {
        return weighted ? in(packed).getFloat(target.bytesOfExample()) : 1;
    }

    /** The class of a packed example that has one, as a whole. */
    public static int classOf(byte[] packed) {
        return in(packed).getInt();
    }

    /** The time steps of a packed example; 1 where it has none. */
    public int steps(byte[] packed) {
        return features.hasTime() ? in(packed).getInt(beforeSteps()) : 1;
    }

    /** How many of the first steps of a packed example have no target. */
    public int leadIn(byte[] packed) {
        return ledIn && target.everyStep ? in(packed).getInt(beforeSteps() + Integer.BYTES) : 0;
    }

    /** How many targets a packed example has: one, or one for every step that does not lead in. */
    public int targets(byte[] packed) {
        return target.everyStep ? steps(packed) - leadIn(packed) : 1;
    }

    /** The target of a packed example, {@code [targets]} or {@code [steps][targets]}; of a class, one-hot. */
    public float[] target(byte[] packed) {
        float[] values = new float[targets(packed) * target.values];
        readTarget(packed, values, 0);
        return values;
    }

    /** Writes the target, {@code [targets]} or {@code [steps][targets]}, to what is 0: of a class, one-hot. */
    public void readTarget(byte[] packed, float[] into, int at) {
        int count = targets(packed);
        ByteBuffer targets = in(packed).position(beforeTargets());
        if (target.kind == Target.Kind.CLASS) {
            for (int i = 0; i < count; i++) {
                into[at + i * target.values + targets.getInt()] = 1f;
            }
        } else {
            targets.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(into, at, count * target.values);
        }
    }

    /** Writes the features, {@code [features]} or {@code [steps][features]}: bytes in [0, 1], floats scaled. */
    public void readFeatures(byte[] packed, float[] into, int at) {
        int steps = steps(packed);
        int from = beforeFeatures(targets(packed));
        int count = steps * features.size();
        if (element == Element.BYTE) {
            for (int i = 0; i < count; i++) {
                into[at + i] = SCALED[packed[from + i] & 0xff];
            }
        } else {
            in(packed)
                    .position(from)
                    .slice()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(into, at, count);
            scaling.apply(into, at, count);
        }
    }

    private static final float[] SCALED = new float[256];

    static {
        for (int value = 0; value < SCALED.length; value++) {
            SCALED[value] = value / 255f;
        }
    }

    private static ByteBuffer in(byte[] packed) {
        return ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
    }
}
