package dev.lockstep.worker.model;

import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.Pooling;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.List;

/** The networks of the course and of the benchmarks, for tests. */
public final class CourseNetworks {
    public static final Shape MNIST = new Shape(1, 28, 28);

    private CourseNetworks() {}

    public static NetworkSpec of(Shape input, List<? extends Part> layers) {
        return of(input, layers, new Adam(0.001, 0.9, 0.999, 1e-7));
    }

    public static NetworkSpec of(Shape input, List<? extends Part> layers, Optimizer optimizer) {
        return new NetworkSpec(input, layers, new WeightInit.He(), optimizer, 0, 0);
    }

    public static NetworkSpec multiLayerNet(int... hidden) {
        List<Layer> layers = new ArrayList<>();
        for (int units : hidden) {
            layers.add(dense(units));
        }
        layers.add(softmax(10));
        return of(Shape.vector(784), layers);
    }

    public static NetworkSpec lenet() {
        return of(MNIST, List.of(conv(20, 5, 0), pool(), conv(50, 5, 0), pool(), dense(500), dropout(), softmax(10)));
    }

    public static NetworkSpec lenetWithBatchNorm() {
        return of(
                MNIST,
                List.of(
                        new Convolution(20, 5, 1, 0, ActivationFunction.IDENTITY),
                        new BatchNorm(0.9, 1e-5),
                        new Activation(ActivationFunction.RELU),
                        pool(),
                        new Convolution(50, 5, 1, 0, ActivationFunction.IDENTITY),
                        new BatchNorm(0.9, 1e-5),
                        new Activation(ActivationFunction.RELU),
                        pool(),
                        dense(500),
                        dropout(),
                        softmax(10)));
    }

    public static NetworkSpec simpleConvNet() {
        return of(MNIST, List.of(conv(30, 5, 0), pool(), dense(100), softmax(10)));
    }

    public static NetworkSpec doubleConvNet() {
        return of(MNIST, List.of(conv(10, 7, 1), pool(), conv(20, 3, 1), pool(), dense(100), softmax(10)));
    }

    public static NetworkSpec deepConvNet() {
        return of(
                MNIST,
                List.of(
                        conv(16, 3, 1),
                        conv(16, 3, 1),
                        pool(),
                        conv(32, 3, 1),
                        conv(32, 3, 2),
                        pool(),
                        conv(64, 3, 1),
                        conv(64, 3, 1),
                        pool(),
                        dense(50),
                        dropout(),
                        new Dense(10, ActivationFunction.IDENTITY),
                        dropout(),
                        new Loss(ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)));
    }

    /** LeCun et al. 1998, with average pooling and tanh. */
    public static NetworkSpec lenet5() {
        return of(
                new Shape(1, 32, 32),
                List.of(
                        new Convolution(6, 5, 1, 0, ActivationFunction.TANH),
                        new Pooling(Pooling.Kind.AVERAGE, 2, 2, 0),
                        new Convolution(16, 5, 1, 0, ActivationFunction.TANH),
                        new Pooling(Pooling.Kind.AVERAGE, 2, 2, 0),
                        new Dense(120, ActivationFunction.TANH),
                        new Dense(84, ActivationFunction.TANH),
                        softmax(10)));
    }

    public static Layer conv(int filters, int kernel, int padding) {
        return new Convolution(filters, kernel, 1, padding, ActivationFunction.RELU);
    }

    public static Layer pool() {
        return new Pooling(Pooling.Kind.MAX, 2, 2, 0);
    }

    public static Layer dense(int units) {
        return new Dense(units, ActivationFunction.RELU);
    }

    public static Layer dropout() {
        return new Dropout(0.5);
    }

    public static Layer softmax(int units) {
        return new Output(units, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY);
    }
}
