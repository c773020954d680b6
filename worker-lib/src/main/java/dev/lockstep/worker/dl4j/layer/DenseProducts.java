package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.Matrices.Matrix;
import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.VectorLoops;
import dev.lockstep.worker.math.Workbench;
import java.util.Map;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The arithmetic of a dense layer. x is [batch, in], row by row ('c') or column by column ('f': a flattened batch-last
 * image); W [in, units] is stored column by column, as DL4J keeps it; y and its gradient [batch, units] row by row.
 */
final class DenseProducts {
    private final Workbench bench;

    DenseProducts(Workbench bench) {
        this.bench = bench;
    }

    void checkInput(INDArray input, INDArray weights, String layer) {
        if (input.rank() != 2 || input.size(1) != weights.size(0)) {
            throw new DL4JInvalidInputException("expects input [batch, " + weights.size(0) + "], has "
                    + input.shapeInfoToString() + ": a preprocessor missing, or another input size? " + layer);
        }
    }

    /** The array itself if its values are one run of memory, a copy that is otherwise. */
    INDArray dense(INDArray x, LayerWorkspaceMgr workspaces, ArrayType type) {
        return ArrayMemory.isDense(x) ? x : workspaces.dup(type, x.castTo(DataType.FLOAT), 'c');
    }

    void forward(INDArray x, INDArray weights, INDArray bias, boolean relu, INDArray y) {
        int batch = (int) x.size(0);
        int in = (int) x.size(1);
        int units = (int) weights.size(1);
        NativeFloats out = ArrayMemory.of(y);
        bench.matrices.product(
                batch,
                units,
                in,
                matrix(x),
                Matrix.of(ArrayMemory.of(weights), 0, in).transpose(),
                0f,
                Matrix.of(out, 0, units));
        if (bias == null && !relu) {
            return;
        }
        float[] row = bench.tile(0, units);
        float[] b = bench.tile(1, units);
        if (bias == null) {
            java.util.Arrays.fill(b, 0, units, 0f);
        } else {
            ArrayMemory.of(bias).read(0, b, 0, units);
        }
        for (int example = 0; example < batch; example++) {
            out.read(example * units, row, 0, units);
            if (relu) {
                VectorLoops.addRelu(row, b, units);
            } else {
                VectorLoops.add(row, b, units);
            }
            out.write(example * units, row, 0, units);
        }
    }

    /** Leaves of the gradient what gets through ReLU, in place. */
    void mask(INDArray gradient, INDArray output) {
        NativeFloats delta = ArrayMemory.of(gradient);
        NativeFloats out = ArrayMemory.of(output);
        int length = (int) gradient.size(1);
        int[] gradientBits = bench.bitTile(0, length);
        int[] outputBits = bench.bitTile(1, length);
        for (int from = 0; from < delta.length(); from += length) {
            delta.read(from, gradientBits, 0, length);
            out.read(from, outputBits, 0, length);
            VectorLoops.maskByRelu(gradientBits, outputBits, length);
            delta.write(from, gradientBits, 0, length);
        }
    }

    /** dW = x^T dy, db = sum of dy over the batch. */
    void weightGradients(INDArray x, INDArray gradient, INDArray weightGradient, INDArray biasGradient) {
        int batch = (int) x.size(0);
        int in = (int) x.size(1);
        int units = (int) gradient.size(1);
        NativeFloats delta = ArrayMemory.of(gradient);
        bench.matrices.product(
                units,
                in,
                batch,
                Matrix.of(delta, 0, units).transpose(),
                matrix(x),
                0f,
                Matrix.of(ArrayMemory.of(weightGradient), 0, in));
        if (biasGradient == null) {
            return;
        }
        float[] sums = bench.tile(0, units);
        float[] row = bench.tile(1, units);
        delta.read(0, sums, 0, units);
        for (int example = 1; example < batch; example++) {
            delta.read(example * units, row, 0, units);
            VectorLoops.add(sums, row, units);
        }
        ArrayMemory.of(biasGradient).write(0, sums, 0, units);
    }

    /** The same of an output layer, to where the gradients are kept. */
    Gradient gradient(INDArray x, INDArray delta, Map<String, INDArray> kept, boolean hasBias) {
        INDArray weights = kept.get(DefaultParamInitializer.WEIGHT_KEY);
        INDArray bias = hasBias ? kept.get(DefaultParamInitializer.BIAS_KEY) : null;
        weightGradients(x, delta, weights, bias);
        Gradient gradient = new DefaultGradient();
        gradient.gradientForVariable().put(DefaultParamInitializer.WEIGHT_KEY, weights);
        if (bias != null) {
            gradient.gradientForVariable().put(DefaultParamInitializer.BIAS_KEY, bias);
        }
        return gradient;
    }

    /** dx = dy W^T, in the memory order of x. */
    INDArray inputGradient(INDArray x, INDArray weights, INDArray gradient, LayerWorkspaceMgr workspaces) {
        int batch = (int) x.size(0);
        int in = (int) x.size(1);
        int units = (int) gradient.size(1);
        boolean byRow = isByRow(x);
        INDArray dx = workspaces.createUninitialized(
                ArrayType.ACTIVATION_GRAD, DataType.FLOAT, new long[] {batch, in}, byRow ? 'c' : 'f');
        Matrix delta = Matrix.of(ArrayMemory.of(gradient), 0, units);
        Matrix stored = Matrix.of(ArrayMemory.of(weights), 0, in);
        if (byRow) {
            bench.matrices.product(batch, in, units, delta, stored, 0f, Matrix.of(ArrayMemory.of(dx), 0, in));
        } else {
            bench.matrices.product(
                    in,
                    batch,
                    units,
                    stored.transpose(),
                    delta.transpose(),
                    0f,
                    Matrix.of(ArrayMemory.of(dx), 0, batch));
        }
        return dx;
    }

    private static Matrix matrix(INDArray x) {
        NativeFloats values = ArrayMemory.of(x);
        return isByRow(x)
                ? Matrix.of(values, 0, (int) x.size(1))
                : Matrix.of(values, 0, (int) x.size(0)).transpose();
    }

    private static boolean isByRow(INDArray x) {
        return x.size(1) == 1 ? x.size(0) == 1 || x.stride(0) == 1 : x.stride(1) == 1;
    }
}
