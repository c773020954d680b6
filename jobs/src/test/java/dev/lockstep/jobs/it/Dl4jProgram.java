package dev.lockstep.jobs.it;

import dev.lockstep.driver.dl4j.LockstepTrainingMaster;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * DL4J's own Spark example ({@code MnistMLPExample}) with one line changed, on Fashion-MNIST; then a graph. Prints for each
 * the SHA-256 of its parameters and its accuracy.
 */
final class Dl4jProgram {
    private static final int IMAGES = 2000;
    private static final int SIZE = 784;
    private static final int CLASSES = 10;

    private Dl4jProgram() {}

    /** @param args Spark's master, and the partitions of the data */
    public static void main(String[] args) throws Exception {
        SparkConf conf = new SparkConf()
                .setMaster(args[0])
                .setAppName("DL4J's Spark example")
                .set("spark.ui.enabled", "false")
                .set("spark.executor.extraClassPath", classPath());
        try (JavaSparkContext sc = new JavaSparkContext(conf)) {
            JavaRDD<DataSet> train = sc.parallelize(images(), Integer.parseInt(args[1]));
            SparkDl4jMultiLayer stack = new SparkDl4jMultiLayer(
                    sc,
                    new NeuralNetConfiguration.Builder()
                            .seed(12345)
                            .activation(Activation.LEAKYRELU)
                            .weightInit(WeightInit.XAVIER)
                            .updater(new Nesterovs(0.1))
                            .l2(1e-4)
                            .list()
                            .layer(new DenseLayer.Builder().nIn(SIZE).nOut(500).build())
                            .layer(new DenseLayer.Builder().nIn(500).nOut(100).build())
                            .layer(output(100))
                            .build(),
                    trainingMaster());
            SparkComputationGraph graph = new SparkComputationGraph(
                    sc,
                    new NeuralNetConfiguration.Builder()
                            .seed(12345)
                            .activation(Activation.RELU)
                            .updater(new Nesterovs(0.1))
                            .graphBuilder()
                            .addInputs("image")
                            .setInputTypes(InputType.feedForward(SIZE))
                            .addLayer("wide", new DenseLayer.Builder().nOut(60).build(), "image")
                            .addLayer("deep", new DenseLayer.Builder().nOut(30).build(), "wide")
                            .addVertex("both", new MergeVertex(), "wide", "deep")
                            .addLayer("out", output(90), "both")
                            .setOutputs("out")
                            .build(),
                    trainingMaster());
            for (int epoch = 0; epoch < 2; epoch++) {
                stack.fit(train);
                graph.fit(train);
            }
            Evaluation ofStack = stack.evaluate(train);
            Evaluation ofGraph = graph.evaluate(train);
            System.out.println(sha256(stack.getNetwork().params()) + " " + ofStack.accuracy());
            System.out.println(sha256(graph.getNetwork().params()) + " " + ofGraph.accuracy());
        }
    }

    /** The line. */
    private static TrainingMaster<?, ?> trainingMaster() {
        return new LockstepTrainingMaster.Builder(64).shards(4).seed(1).build();
    }

    private static OutputLayer output(int in) {
        return new OutputLayer.Builder(LossFunction.NEGATIVELOGLIKELIHOOD)
                .activation(Activation.SOFTMAX)
                .nIn(in)
                .nOut(CLASSES)
                .build();
    }

    /** In DataSets of 16, as DL4J's iterators give them. */
    private static List<DataSet> images() throws IOException {
        List<DataSet> sets = new ArrayList<>();
        try (DataInputStream images = open("train-images-idx3-ubyte.gz");
                DataInputStream labels = open("train-labels-idx1-ubyte.gz")) {
            images.skipNBytes(16);
            labels.skipNBytes(8);
            for (int done = 0; done < IMAGES; done += 16) {
                float[][] values = new float[16][SIZE];
                float[][] classes = new float[16][CLASSES];
                for (int i = 0; i < 16; i++) {
                    for (int j = 0; j < SIZE; j++) {
                        values[i][j] = images.readUnsignedByte() / 255f;
                    }
                    classes[i][labels.readUnsignedByte()] = 1;
                }
                sets.add(new DataSet(Nd4j.createFromArray(values), Nd4j.createFromArray(classes)));
            }
        }
        return sets;
    }

    private static DataInputStream open(String file) throws IOException {
        return new DataInputStream(
                new GZIPInputStream(Dl4jProgram.class.getResourceAsStream("/data/fashion-mnist-12k/" + file)));
    }

    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> new File(entry).getAbsolutePath())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String sha256(INDArray array) throws Exception {
        float[] values = array.data().asFloat();
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    }
}
