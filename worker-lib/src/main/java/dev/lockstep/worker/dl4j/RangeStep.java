package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.dl4j.layer.ArrayMemory;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.dl4j.updater.FusedUpdater;
import dev.lockstep.worker.dl4j.updater.HostedUpdater;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.TrainableModel.StatePiece;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.UpdaterBlock.ParamState;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.NoOpUpdater;
import org.nd4j.linalg.learning.SgdUpdater;

/**
 * DL4J's optimizer step for some elements of the flat arrays alone, in the bits of the whole one: where what a parameter
 * becomes depends on nothing but itself, its gradient and its state. Has the optimizer's state of these elements, in native
 * memory of its own.
 */
final class RangeStep implements AutoCloseable {
    private final INDArray parameters;
    private final INDArray gradient;
    private final List<INDArray> divided = new ArrayList<>();
    private final List<UpdaterBlock> blocks = new ArrayList<>();
    private final List<INDArray> kept = new ArrayList<>();
    private final List<Slot> state = new ArrayList<>();

    /** What an optimizer keeps of some elements beside each other: its place in the whole state, and in an array of ours. */
    private record Slot(int whole, INDArray array, int at, int length) {
        int first(int from) {
            return Math.max(from, whole);
        }

        int end(int to) {
            return Math.min(to, whole + length);
        }
    }

    /** Elements {@code [from, to)}, not none. The state is 0. */
    RangeStep(Network network, ParameterLayout layout, List<OptimizerBlock> optimizer, int from, int to) {
        this.parameters = ArrayMemory.part(network.parameters(), from, to);
        this.gradient = ArrayMemory.part(network.gradients(), from, to);
        for (ParameterLayout.Block block : layout.blocks()) {
            int begin = Math.max(from, block.from());
            int end = Math.min(to, block.to());
            if (begin < end && !block.runningStatistics()) {
                divided.add(ArrayMemory.part(network.gradients(), begin, end));
            }
        }
        for (OptimizerBlock block : optimizer) {
            int begin = Math.max(from, block.from());
            int end = Math.min(to, block.to());
            if (begin < end) {
                blocks.add(part(network, block, begin, end));
            }
        }
    }

    /** Whether a network's steps can be taken so. */
    static boolean isPossible(Network network) {
        return !network.sumsLosses()
                && network.parts().values().stream().allMatch(RangeStep::isElementWise)
                && network.updater().getUpdaterBlocks().stream()
                        .allMatch(
                                block -> !block.isPretrainUpdaterBlock() && isElementWise(block.getGradientUpdater()));
    }

    /** DL4J knows two things that look at a whole layer: its normalisation of gradients, and its constraints. */
    private static boolean isElementWise(Trainable part) {
        TrainingConfig config = part.getConfig();
        return config instanceof Layer layer
                && (layer.getConstraints() == null || layer.getConstraints().isEmpty())
                && (config.getGradientNormalization() == null
                        || config.getGradientNormalization() == GradientNormalization.None);
    }

    private static boolean isElementWise(GradientUpdater<?> updater) {
        return updater instanceof FusedUpdater
                || updater instanceof SgdUpdater
                || updater instanceof NoOpUpdater
                || HostedUpdater.isElementWise(updater);
    }

    private UpdaterBlock part(Network network, OptimizerBlock whole, int from, int to) {
        List<ParamState> arrays = new ArrayList<>();
        for (ParamState array : whole.arrays()) {
            int begin = Math.max(from, array.getParamOffsetStart());
            int end = Math.min(to, array.getParamOffsetEnd());
            if (begin < end) {
                arrays.add(new ParamState(
                        array.getLayer(),
                        array.getParamName(),
                        begin,
                        end,
                        ArrayMemory.part(network.parameters(), begin, end),
                        ArrayMemory.part(network.gradients(), begin, end)));
            }
        }
        int length = to - from;
        INDArray values = whole.slots() == 0 ? null : Nd4j.create(DataType.FLOAT, 1, (long) whole.slots() * length);
        if (values != null) {
            kept.add(values);
        }
        for (int slot = 0; slot < whole.slots(); slot++) {
            state.add(new Slot(whole.slot(slot) + from - whole.from(), values, slot * length, length));
        }
        UpdaterBlock part = new UpdaterBlock(from, to, 0, 0, arrays);
        part.setGradientView(ArrayMemory.part(network.gradients(), from, to));
        part.setGradientUpdater(whole.config().instantiate(values, false));
        Updaters.install(part, FastLayers.mode() == FastLayers.Mode.ON);
        return part;
    }

    /**
     * Takes it, with the sums that are in the network's gradient.
     *
     * @param weight what they are divided by
     */
    void take(double weight, int step, int epoch) {
        divided.forEach(each -> each.divi((float) weight));
        blocks.forEach(block -> block.update(step, epoch));
        parameters.subi(gradient);
    }

    /** Whether anything of elements {@code [from, to)} of the whole state is kept here. */
    boolean keepsState(int from, int to) {
        return state.stream().anyMatch(slot -> slot.first(from) < slot.end(to));
    }

    /** Takes over what is kept here of the whole state's elements from {@code at} on. */
    void takeState(float[] values, int at) {
        for (Slot slot : state) {
            int begin = slot.first(at);
            int end = slot.end(at + values.length);
            if (begin < end) {
                FlatValues.write(slot.array(), slot.at() + begin - slot.whole(), values, begin - at, end - begin);
            }
        }
    }

    List<StatePiece> state() {
        return state.stream()
                .map(slot -> {
                    float[] values = new float[slot.length()];
                    FlatValues.read(ArrayMemory.part(slot.array(), slot.at(), slot.at() + slot.length()), values, 0);
                    return new StatePiece(slot.whole(), values);
                })
                .toList();
    }

    /** Frees the state. */
    @Override
    public void close() {
        kept.forEach(INDArray::close);
    }
}
