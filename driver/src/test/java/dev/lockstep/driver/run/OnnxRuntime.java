package dev.lockstep.driver.run;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** An ONNX file in Microsoft's runtime, which also checks the file. */
final class OnnxRuntime implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    OnnxRuntime(byte[] file) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            session = environment.createSession(file, options);
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    /** What it tells of a batch, {@code [n][outputs]}, by name. */
    Map<String, float[][]> answers(Batch batch) {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            Shape shape = batch.input();
            int n = batch.examples();
            if (shape.hasTime()) {
                inputs.put("sequence", tensor(stepByStep(batch), n, batch.steps(), shape.size()));
                inputs.put("mask", tensor(batch.mask(), n, batch.steps()));
            } else if (shape.isImage()) {
                inputs.put("image", tensor(batch.features(), n, shape.channels(), shape.height(), shape.width()));
            } else {
                inputs.put("features", tensor(batch.features(), n, shape.size()));
            }
            Map<String, float[][]> answers = new TreeMap<>();
            try (OrtSession.Result result = session.run(inputs)) {
                for (Map.Entry<String, ai.onnxruntime.OnnxValue> entry : result) {
                    Object told = entry.getValue().getValue();
                    answers.put(
                            entry.getKey(),
                            told instanceof float[][][] steps ? inside(steps, batch) : (float[][]) told);
                }
            }
            return answers;
        } catch (OrtException e) {
            throw new AssertionError(e);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor tensor(float[] values, long... sizes) throws OrtException {
        int length = (int) Arrays.stream(sizes).reduce(1, Math::multiplyExact);
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(Arrays.copyOf(values, length)), sizes);
    }

    /** Of each example its own steps, one behind the other. */
    private static float[][] inside(float[][][] told, Batch batch) {
        float[][] examples = new float[told.length][];
        for (int n = 0; n < told.length; n++) {
            int values = told[n][0].length;
            examples[n] = new float[batch.length(n) * values];
            for (int t = 0; t < batch.length(n); t++) {
                System.arraycopy(told[n][t], 0, examples[n], t * values, values);
            }
        }
        return examples;
    }

    /** Of {@code [n, length, time]}: {@code [n, time, length]}. */
    private static float[] stepByStep(Batch batch) {
        int length = batch.input().size();
        float[] turned = new float[batch.examples() * batch.steps() * length];
        for (int example = 0; example < batch.examples(); example++) {
            for (int value = 0; value < length; value++) {
                for (int step = 0; step < batch.steps(); step++) {
                    turned[(example * batch.steps() + step) * length + value] =
                            batch.features()[(example * length + value) * batch.steps() + step];
                }
            }
        }
        return turned;
    }

    Map<String, String> metadata() {
        try {
            return session.getMetadata().getCustomMetadata();
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }
}
