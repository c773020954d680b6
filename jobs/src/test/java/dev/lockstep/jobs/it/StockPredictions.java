package dev.lockstep.jobs.it;

import java.io.DataInputStream;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs in a JVM without Lockstep: restores a model with DL4J alone, and prints its optimizer, the SHA-256 of parameters
 * and of optimizer state, and a line of probabilities for each image. This class must use nothing of ours.
 */
final class StockPredictions {
    private StockPredictions() {}

    /** @param args the model file, and an uncompressed IDX file of images */
    public static void main(String[] args) throws Exception {
        MultiLayerNetwork network = ModelSerializer.restoreMultiLayerNetwork(new File(args[0]), true);
        BaseLayer first = (BaseLayer) network.getLayer(0).conf().getLayer();
        System.out.println(first.getIUpdater().getClass().getSimpleName());
        System.out.println(sha256(network.params()));
        System.out.println(sha256(network.getUpdater().getStateViewArray()));
        INDArray outputs = network.output(images(Path.of(args[1])), false);
        for (float[] row : outputs.toFloatMatrix()) {
            System.out.println(Arrays.toString(row));
        }
    }

    private static INDArray images(Path idx) throws Exception {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(idx))) {
            in.readInt();
            int[] shape = {in.readInt(), in.readInt(), in.readInt()};
            byte[] pixels = in.readAllBytes();
            float[] scaled = new float[pixels.length];
            for (int i = 0; i < pixels.length; i++) {
                scaled[i] = (pixels[i] & 0xff) / 255f;
            }
            return Nd4j.create(scaled, new int[] {shape[0], 1, shape[1], shape[2]});
        }
    }

    private static String sha256(INDArray array) throws Exception {
        float[] values = array == null ? new float[0] : array.data().asFloat();
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    }
}
