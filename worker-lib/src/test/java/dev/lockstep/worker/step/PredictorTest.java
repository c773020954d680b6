package dev.lockstep.worker.step;

import static dev.lockstep.worker.model.CourseNetworks.conv;
import static dev.lockstep.worker.model.CourseNetworks.dense;
import static dev.lockstep.worker.model.CourseNetworks.pool;
import static dev.lockstep.worker.model.CourseNetworks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.Model.Prediction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class PredictorTest {
    private static final Shape IMAGE = new Shape(1, 10, 10);
    private static final Shape VECTOR = Shape.vector(4);
    private static final List<byte[]> IMAGES = Examples.random(IMAGE, 3, 9, 1);
    private static final List<byte[]> VECTORS = Examples.random(VECTOR, 3, 9, 1);

    /** Dropout is off, and batch norm uses its running statistics. */
    @Test
    void outputsAreTheNetworksOwn() {
        NetworkSpec spec = CourseNetworks.of(
                IMAGE,
                List.of(
                        conv(4, 3, 1),
                        new BatchNorm(0.9, 1e-5),
                        pool(),
                        new Dropout(0.5),
                        dense(7),
                        new Dropout(0.5),
                        softmax(3)));
        float[] parameters = parameters(spec, 1);
        Network stock = Networks.stock(spec);
        stock.parameters().assign(Nd4j.createFromArray(parameters));
        float[][] expected = stock.output(Examples.features(IMAGE, IMAGES)).toFloatMatrix();
        Prediction prediction = with(spec, parameters, predictor -> predictor.predict(IMAGES));
        assertThat(prediction.outputs()).hasDimensions(9, 3);
        for (int i = 0; i < 9; i++) {
            for (int k = 0; k < 3; k++) {
                assertThat(prediction.outputs()[i][k]).isCloseTo(expected[i][k], within(1e-5f));
            }
        }
    }

    @Test
    void crossEntropyOfEachExample() {
        for (List<Layer> layers : List.of(
                List.<Layer>of(dense(5), softmax(3)),
                List.<Layer>of(
                        dense(5),
                        new Dense(3, ActivationFunction.IDENTITY),
                        new Loss(ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)))) {
            NetworkSpec spec = CourseNetworks.of(VECTOR, layers);
            Prediction prediction = with(spec, parameters(spec, 2), predictor -> predictor.predict(VECTORS));
            for (int i = 0; i < 9; i++) {
                float right = prediction.outputs()[i][ExampleFormat.classOf(VECTORS.get(i))];
                assertThat(right).isBetween(0.001f, 0.999f);
                assertThat(prediction.losses()[i]).isCloseTo(-Math.log(right), within(1e-5));
            }
        }
    }

    /** Half the sum of the squares, without regularisation, also after the configuration's way through JSON. */
    @Test
    void squaredErrorOfEachExample() {
        for (ActivationFunction function : ActivationFunction.values()) {
            NetworkSpec plain =
                    CourseNetworks.of(VECTOR, List.of(dense(5), new Output(3, function, LossFunction.SQUARED_ERROR)));
            NetworkSpec spec =
                    new NetworkSpec(plain.input(), plain.layers(), plain.weightInit(), plain.optimizer(), 0.1, 0.1);
            Prediction prediction = with(spec, parameters(spec, 3), predictor -> predictor.predict(VECTORS));
            for (int i = 0; i < 9; i++) {
                double expected = 0;
                for (int k = 0; k < 3; k++) {
                    double d = ExampleFormat.classOf(VECTORS.get(i)) == k ? 1 : 0;
                    expected += Math.pow(prediction.outputs()[i][k] - d, 2) / 2;
                }
                assertThat(prediction.losses()[i])
                        .as("%s, example %d", function, i)
                        .isCloseTo(expected, within(1e-5 * Math.max(1, expected)));
            }
        }
    }

    /** A class that the network rules out costs -log(1e-10), as in training, and not infinity. */
    @Test
    void lossOfAnImpossibleClassIsFinite() {
        NetworkSpec spec = CourseNetworks.of(VECTOR, List.of(softmax(3)));
        float[] parameters = new float[15];
        parameters[12] = 1000; // the bias of class 0
        List<byte[]> examples = List.of(Examples.packed(0, 1, 2, 3, 4), Examples.packed(2, 1, 2, 3, 4));
        Prediction prediction = with(spec, parameters, predictor -> predictor.predict(examples));
        assertThat(prediction.outputs()[1]).containsExactly(1, 0, 0);
        assertThat(prediction.losses()[0]).isCloseTo(0, within(1e-6));
        assertThat(prediction.losses()[1]).isCloseTo(-Math.log(1e-10), within(1e-3));
    }

    @Test
    void modelsDoNotMix() throws Exception {
        NetworkSpec one = CourseNetworks.of(IMAGE, List.of(conv(4, 3, 0), pool(), softmax(3)));
        NetworkSpec other = CourseNetworks.of(IMAGE, List.of(dense(6), new BatchNorm(0.9, 1e-5), softmax(3)));
        List<Function<List<byte[]>, Prediction>> models = new ArrayList<>();
        for (NetworkSpec spec : List.of(one, other)) {
            for (int seed = 1; seed <= 2; seed++) { // the same configuration with other parameters, too
                float[] parameters = parameters(spec, seed);
                models.add(examples -> with(spec, parameters, predictor -> predictor.predict(examples)));
            }
        }
        List<float[][]> expected =
                models.stream().map(model -> model.apply(IMAGES).outputs()).toList();
        for (int i = 0; i < 4; i++) {
            for (int j = i + 1; j < 4; j++) {
                assertThat(expected.get(i)).isNotEqualTo(expected.get(j));
            }
        }
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (int task = 0; task < 24; task++) {
                int model = task * 7 % 4;
                work.add(() -> {
                    for (int again = 0; again < 5; again++) {
                        int which = (model + again) % 4;
                        assertThat(models.get(which).apply(IMAGES).outputs()).isDeepEqualTo(expected.get(which));
                    }
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** One predictor inside another: both are in use, so they must be two. */
    @Test
    void nestedUseIsOfTwoNetworks() {
        NetworkSpec spec = CourseNetworks.of(VECTOR, List.of(softmax(3)));
        float[] first = parameters(spec, 1);
        float[] second = parameters(spec, 2);
        float[][] expected =
                with(spec, first, predictor -> predictor.predict(VECTORS)).outputs();
        float[][] outer = with(spec, first, predictor -> {
                    with(spec, second, inner -> inner.predict(VECTORS));
                    return predictor.predict(VECTORS);
                })
                .outputs();
        assertThat(outer).isDeepEqualTo(expected);
    }

    /** Groups of any sizes, one after the other, on one predictor. */
    @Test
    void examplesDoNotLeakIntoTheNextGroup() {
        NetworkSpec spec = CourseNetworks.of(VECTOR, List.of(dense(5), softmax(3)));
        float[] parameters = parameters(spec, 1);
        double[] all =
                with(spec, parameters, predictor -> predictor.predict(VECTORS)).losses();
        double[] parts = with(spec, parameters, predictor -> {
            double[] losses = new double[9];
            int[] cuts = {0, 4, 5, 9};
            for (int i = 0; i < 3; i++) {
                double[] part =
                        predictor.predict(VECTORS.subList(cuts[i], cuts[i + 1])).losses();
                System.arraycopy(part, 0, losses, cuts[i], part.length);
            }
            return losses;
        });
        assertThat(parts).usingComparatorWithPrecision(1e-6).containsExactly(all);
    }

    private static <R> R with(NetworkSpec spec, float[] parameters, Function<Predictor, R> work) {
        String json = Networks.stock(spec).configurationJson();
        return Predictor.with(json, ExampleFormat.bytes(spec.input(), spec.classes()), parameters, work);
    }

    /** All different and none 0, so that nothing can hide; statistics positive. */
    private static float[] parameters(NetworkSpec spec, long seed) {
        Random random = new Random(seed);
        float[] parameters = Networks.initialParameters(spec, seed);
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] += 0.3f * random.nextFloat();
        }
        return parameters;
    }
}
