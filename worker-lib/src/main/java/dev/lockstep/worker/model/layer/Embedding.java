package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.EmbeddingRows;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.ElementType;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps;
import java.util.List;

/**
 * Of each number of a step, from 0, the row of W that it names: as a dense layer without bias would give of a one-hot vector. A step
 * of several numbers gives their rows side by side. Parameters: W {@code [vocabulary][units]}; a unit sees one input, so that its
 * weights start as large as fan-in 1 has it (of xavier N(0, 1), as PyTorch's).
 *
 * @param vocabulary how many numbers there are, from 1
 * @param units from 1
 */
public record Embedding(int vocabulary, int units) implements SequenceLayer {
    public static final String TYPE = "embedding";

    static Embedding read(Keys keys) {
        return new Embedding(keys.required("vocabulary"), keys.required("units"));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        int numbers = input.requireTime().size();
        if ((long) vocabulary * units > Integer.MAX_VALUE || (long) numbers * units > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(vocabulary + " rows of " + units + " units, for steps of " + numbers
                    + " numbers, are more than " + Integer.MAX_VALUE + " values");
        }
        return Shape.sequence(numbers * units);
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return List.of(Parameter.weights("W", 1, vocabulary * units));
    }

    @Override
    public String onnx(Shape input, String x, OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        String numbers = layer.cast(onnx.inside(x), ElementType.INT64); // behind an end no row may be missing
        String rows = layer.constant("W", layer.tensor("W").as(vocabulary, units));
        return layer.reshaped(layer.add("Gather", List.of(rows, numbers)), 0, 0, (long) input.size() * units);
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        return new EmbeddingRows(vocabulary);
    }
}
