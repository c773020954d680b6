package dev.lockstep.driver.config;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.network.ActivationFunction;
import dev.lockstep.worker.network.Clipping;
import dev.lockstep.worker.network.LayerSpec;
import dev.lockstep.worker.network.LossFunction;
import dev.lockstep.worker.network.NetworkSpec;
import dev.lockstep.worker.network.OptimizerSpec;
import dev.lockstep.worker.network.Schedule;
import dev.lockstep.worker.network.Shape;
import dev.lockstep.worker.network.WeightInit;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code network}, {@code optimizer} and {@code regularization}. */
final class NetworkParser {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private enum LayerType {
        DENSE,
        CONVOLUTION,
        MAX_POOL,
        AVERAGE_POOL,
        GLOBAL_AVERAGE_POOL,
        BATCH_NORM,
        LAYER_NORM,
        INSTANCE_NORM,
        LOCAL_RESPONSE_NORM,
        RESIDUAL,
        FLATTEN,
        ACTIVATION,
        DROPOUT,
        OUTPUT,
        LOSS
    }

    private enum InitName {
        GAUSS,
        XAVIER,
        HE,
        ZEROS
    }

    private enum OptimizerName {
        SGD,
        MOMENTUM,
        NESTEROV,
        ADAGRAD,
        ADADELTA,
        RMSPROP,
        ADAM
    }

    private final ConfigSection root;

    NetworkParser(ConfigSection root) {
        this.root = root;
    }

    /** The network, or null when it has problems (which are reported). */
    NetworkSpec parse() {
        Shape input = input();
        int classes = root.integer("network.classes", 10, 2, Integer.MAX_VALUE);
        WeightInit init = weightInit(root, "network.", InitName.HE);
        OptimizerSpec optimizer = optimizer();
        double l1 = root.number("regularization.l1", 0, 0, true, INFINITY);
        double l2 = root.number("regularization.l2", 0, 0, true, INFINITY);
        Clipping clipping = new Clipping(root.bound("optimizer.clip-norm"), root.bound("optimizer.clip-value"));
        List<ConfigSection> sections = root.sections("network.layers");
        List<ConfigSection> origins = new ArrayList<>();
        List<LayerSpec> layers = layers(sections, classes, origins);
        List<Augmentation> augmentations = new AugmentationParser(root).parse(input);
        if (!fits(input, layers, origins, classes)) {
            return null;
        }
        return new NetworkSpec(input, layers, init, optimizer, l1, l2, clipping, Schedule.CONSTANT, augmentations);
    }

    private Shape input() {
        List<Integer> sizes = root.integers("network.input", List.of(1, 28, 28));
        boolean positive = sizes.stream().allMatch(size -> size >= 1);
        if (positive && sizes.size() == 1) {
            return Shape.vector(sizes.get(0));
        }
        if (positive && sizes.size() == 3) {
            try {
                return new Shape(sizes.get(0), sizes.get(1), sizes.get(2));
            } catch (IllegalArgumentException e) {
                root.problem("network.input", e.getMessage());
                return null;
            }
        }
        root.problem("network.input", "expected [channels, height, width] or [length], sizes from 1, found " + sizes);
        return null;
    }

    /** @return null when the section names none and there is no usual one */
    private static WeightInit weightInit(ConfigSection section, String prefix, InitName usual) {
        InitName name = section.choice(prefix + "weight-init", usual, InitName.class);
        if (name == null) {
            return null;
        }
        return switch (name) {
            case GAUSS -> new WeightInit.Gauss(section.number(prefix + "weight-std", 0.01, 0, false, INFINITY));
            case XAVIER -> new WeightInit.Xavier();
            case HE -> new WeightInit.He();
            case ZEROS -> new WeightInit.Zeros();
        };
    }

    private OptimizerSpec optimizer() {
        OptimizerName name = root.choice("optimizer.name", OptimizerName.ADAM, OptimizerName.class);
        return switch (name) {
            case SGD -> new OptimizerSpec.StochasticGradientDescent(rate(0.01));
            case MOMENTUM -> new OptimizerSpec.Momentum(rate(0.01), fraction("momentum", 0.9));
            case NESTEROV -> new OptimizerSpec.NesterovMomentum(rate(0.01), fraction("momentum", 0.9));
            case ADAGRAD -> new OptimizerSpec.AdaptiveGradient(rate(0.01), epsilon(1e-7));
            case ADADELTA -> new OptimizerSpec.AdaptiveDelta(fraction("decay", 0.95), epsilon(1e-6));
            case RMSPROP -> new OptimizerSpec.RootMeanSquare(rate(0.01), fraction("decay", 0.99), epsilon(1e-7));
            case ADAM ->
                new OptimizerSpec.AdaptiveMoments(
                        rate(0.001), fraction("beta1", 0.9), fraction("beta2", 0.999), epsilon(1e-7));
        };
    }

    private double rate(double fallback) {
        return root.float32("optimizer.learning-rate", fallback, 0, false, INFINITY);
    }

    private double fraction(String key, double fallback) {
        return root.float32("optimizer." + key, fallback, 0, true, 1);
    }

    private double epsilon(double fallback) {
        return root.float32("optimizer.epsilon", fallback, 0, false, INFINITY);
    }

    /**
     * @param origins the section of each layer is added to it
     * @return null for each that has problems (which are reported)
     */
    private static List<LayerSpec> layers(List<ConfigSection> sections, int classes, List<ConfigSection> origins) {
        List<LayerSpec> layers = new ArrayList<>();
        for (ConfigSection section : sections) {
            LayerSpec layer = layer(section, classes);
            int times = section.has("repeat") ? section.integer("repeat", 1, 1, 1000) : 1;
            for (int i = 0; i < times; i++) {
                layers.add(layer);
                origins.add(section);
            }
            if (layer != null) { // which keys are known depends on the type
                section.close();
            }
        }
        return layers;
    }

    private static LayerSpec residual(ConfigSection section, int classes) {
        List<LayerSpec> inside = layers(section.sections("layers"), classes, new ArrayList<>());
        LayerSpec.Shortcut shortcut = section.choice("shortcut", LayerSpec.Shortcut.IDENTITY, LayerSpec.Shortcut.class);
        ActivationFunction activation = activation(section);
        return inside.contains(null) ? null : new LayerSpec.Residual(inside, shortcut, activation);
    }

    private static int odd(ConfigSection section, String key, int fallback) {
        int value = section.integer(key, fallback, 1, 1_000_001);
        if (value % 2 == 0) {
            section.problem(key, "expected an odd number of channels, found " + value);
        }
        return value;
    }

    private static LayerSpec layer(ConfigSection section, int classes) {
        LayerType type = section.choice("type", null, LayerType.class);
        if (type == null) {
            if (!section.has("type")) {
                section.problem("", "has no type; expected for example { type = dense, units = 100 }");
            }
            return null;
        }
        return switch (type) {
            case DENSE -> new LayerSpec.Dense(required(section, "units"), activation(section), ownInit(section));
            case CONVOLUTION ->
                new LayerSpec.Convolution(
                        required(section, "filters"),
                        required(section, "kernel"),
                        section.integer("stride", 1, 1, Integer.MAX_VALUE),
                        section.integerOr("same", LayerSpec.Convolution.SAME, "padding", 0, 0),
                        section.integer("dilation", 1, 1, Integer.MAX_VALUE),
                        activation(section),
                        ownInit(section));
            case MAX_POOL -> pooling(section, LayerSpec.PoolKind.MAX);
            case AVERAGE_POOL -> pooling(section, LayerSpec.PoolKind.AVERAGE);
            case BATCH_NORM ->
                new LayerSpec.BatchNorm(
                        section.float32("decay", 0.9, 0, true, 1),
                        section.float32("epsilon", 1e-5, 0, false, INFINITY));
            case GLOBAL_AVERAGE_POOL -> new LayerSpec.GlobalAveragePool();
            case LAYER_NORM -> new LayerSpec.LayerNorm(section.float32("epsilon", 1e-5, 0, false, INFINITY));
            case INSTANCE_NORM -> new LayerSpec.InstanceNorm(section.float32("epsilon", 1e-5, 0, false, INFINITY));
            case LOCAL_RESPONSE_NORM ->
                new LayerSpec.LocalResponseNorm(
                        odd(section, "n", 5),
                        section.number("k", 2, 0, false, INFINITY),
                        section.number("alpha", 1e-4, 0, false, INFINITY),
                        section.number("beta", 0.75, 0, false, INFINITY));
            case RESIDUAL -> residual(section, classes);
            case FLATTEN -> new LayerSpec.Flatten();
            case ACTIVATION ->
                new LayerSpec.Activation(section.choice("function", ActivationFunction.RELU, ActivationFunction.class));
            case DROPOUT -> new LayerSpec.Dropout(section.float32("ratio", 0.5, 0, true, 1));
            case OUTPUT -> {
                int units = section.integer("units", classes, 1, Integer.MAX_VALUE);
                LossFunction loss = loss(section);
                yield new LayerSpec.Output(units, outputActivation(section, loss), loss, ownInit(section));
            }
            case LOSS -> {
                LossFunction loss = loss(section);
                yield new LayerSpec.Loss(outputActivation(section, loss), loss);
            }
        };
    }

    private static LayerSpec pooling(ConfigSection section, LayerSpec.PoolKind kind) {
        int kernel = section.integer("kernel", 2, 1, Integer.MAX_VALUE);
        return new LayerSpec.Pooling(
                kind,
                kernel,
                section.integer("stride", kernel, 1, Integer.MAX_VALUE),
                section.integer("padding", 0, 0, Integer.MAX_VALUE));
    }

    private static int required(ConfigSection section, String key) {
        if (!section.has(key)) {
            section.problem(key, "is missing");
        }
        return section.integer(key, 1, 1, Integer.MAX_VALUE);
    }

    private static ActivationFunction activation(ConfigSection section) {
        return section.choice("activation", ActivationFunction.IDENTITY, ActivationFunction.class);
    }

    private static WeightInit ownInit(ConfigSection section) {
        return weightInit(section, "", null);
    }

    private static LossFunction loss(ConfigSection section) {
        return section.choice("loss", LossFunction.CROSS_ENTROPY, LossFunction.class);
    }

    private static ActivationFunction outputActivation(ConfigSection section, LossFunction loss) {
        ActivationFunction needed = loss.activation();
        return section.choice(
                "activation", needed == null ? ActivationFunction.IDENTITY : needed, ActivationFunction.class);
    }

    /** Follows the shapes through the network, so that a layer that cannot work is named before anything is built. */
    private boolean fits(Shape input, List<LayerSpec> layers, List<ConfigSection> sections, int classes) {
        if (layers.isEmpty()) {
            root.problem("network.layers", "has no layer; the last one must be an output");
            return false;
        }
        if (input == null || layers.contains(null)) {
            return false;
        }
        Shape shape = input;
        for (int i = 0; i < layers.size(); i++) {
            LayerSpec layer = layers.get(i);
            boolean last = i == layers.size() - 1;
            if (layer.isOutput() != last) {
                sections.get(i)
                        .problem(
                                "",
                                last
                                        ? "the last layer must be an output or a loss, found " + layer.type()
                                        : layer.type() + " must be the last layer, there are " + (layers.size() - 1 - i)
                                                + " behind it");
                return false;
            }
            try {
                shape = layer.output(shape);
            } catch (IllegalArgumentException e) {
                sections.get(i).problem("", layer.type() + " does not fit: " + e.getMessage());
                return false;
            }
        }
        if (shape.size() != classes) {
            root.problem("network.classes", "is " + classes + ", but the network's output has " + shape.size());
            return false;
        }
        return true;
    }
}
