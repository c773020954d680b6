package dev.lockstep.driver.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks and examples of programs written for DL4J. */
final class Dl4jPrograms {
    static final int VALUES = 6;
    static final int CLASSES = 3;
    static final int EXAMPLES = 50;
    static final int BATCH = 12;

    private static final float[][] ROWS = new float[EXAMPLES][VALUES];
    private static final float[][] SOFT = new float[EXAMPLES][CLASSES];

    static {
        Random random = new Random(4);
        for (int i = 0; i < EXAMPLES; i++) {
            int label = random.nextInt(CLASSES);
            for (int j = 0; j < VALUES; j++) {
                ROWS[i][j] = (float) random.nextGaussian() - (j == label ? 2 : 0); // no byte holds these
            }
            for (int j = 0; j < CLASSES; j++) {
                SOFT[i][j] = j == label ? 0.9f : 0.05f;
            }
        }
    }

    private Dl4jPrograms() {}

    /** {@code [EXAMPLES, VALUES]} */
    static INDArray features() {
        return Nd4j.createFromArray(ROWS);
    }

    /** {@code [EXAMPLES, CLASSES]} */
    static INDArray labels() {
        return Nd4j.createFromArray(SOFT);
    }

    static DataSet set(int from, int to) {
        return new DataSet(
                features()
                        .get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                        .dup(),
                labels().get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                        .dup());
    }

    /** The examples in their order, in DataSets of a size, the last one smaller. */
    static JavaRDD<DataSet> rdd(JavaSparkContext spark, int size, int partitions) {
        List<DataSet> sets = new ArrayList<>();
        for (int from = 0; from < EXAMPLES; from += size) {
            sets.add(set(from, Math.min(EXAMPLES, from + size)));
        }
        return spark.parallelize(sets, partitions);
    }

    static MultiLayerConfiguration stack() {
        return new NeuralNetConfiguration.Builder()
                .seed(9)
                .updater(new Adam(0.01))
                .l2(1e-3)
                .list()
                .layer(dense(VALUES, 8))
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(8)
                        .nOut(CLASSES)
                        .dropOut(0.8)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
    }

    static ComputationGraphConfiguration graph() {
        return graph(true);
    }

    /** @param mean whether losses and gradients are means over the examples, not sums */
    static ComputationGraphConfiguration graph(boolean mean) {
        return new NeuralNetConfiguration.Builder()
                .seed(9)
                .updater(new Adam(0.01))
                .l2(1e-3)
                .miniBatch(mean)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(VALUES))
                .addLayer("first", dense(VALUES, 8), "in")
                .addLayer("second", dense(8, 8), "first")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "second")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(8)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "sum")
                .setOutputs("out")
                .build();
    }

    /** A dense layer of 8 units below an output layer. */
    static MultiLayerConfiguration below(Layer output) {
        return new NeuralNetConfiguration.Builder()
                .seed(9)
                .updater(new Adam(0.01))
                .list()
                .layer(dense(VALUES, 8))
                .layer(output)
                .build();
    }

    private static DenseLayer dense(int in, int out) {
        return new DenseLayer.Builder()
                .nIn(in)
                .nOut(out)
                .activation(Activation.RELU)
                .build();
    }
}
