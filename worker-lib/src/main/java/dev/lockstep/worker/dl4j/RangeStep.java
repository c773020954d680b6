package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.dl4j.layer.ArrayMemory;
import dev.lockstep.worker.dl4j.updater.FusedUpdater;
import dev.lockstep.worker.dl4j.updater.HostedUpdater;
import dev.lockstep.worker.model.ParameterLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.UpdaterBlock.ParamState;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.NoOpUpdater;
import org.nd4j.linalg.learning.SgdUpdater;

/**
 * DL4J's optimizer step for some elements of the flat arrays alone, in the bits of the whole one: where what a parameter
 * becomes depends on nothing but itself, its gradient and its state.
 */
final class RangeStep {
    private final INDArray parameters;
    private final INDArray gradient;
    private final List<INDArray> divided = new ArrayList<>();
    private final List<UpdaterBlock> blocks = new ArrayList<>();
    private final List<INDArray> state = new ArrayList<>();

    /** Elements {@code [from, to)}, not none. */
    RangeStep(Network network, ParameterLayout layout, int from, int to) {
        this.parameters = part(network.parameters(), from, to);
        this.gradient = part(network.gradients(), from, to);
        for (ParameterLayout.Block block : layout.blocks()) {
            int begin = Math.max(from, block.from());
            int end = Math.min(to, block.to());
            if (begin < end && !block.runningStatistics()) {
                divided.add(part(network.gradients(), begin, end));
            }
        }
        for (UpdaterBlock block : network.updater().getUpdaterBlocks()) {
            int begin = Math.max(from, block.getParamOffsetStart());
            int end = Math.min(to, block.getParamOffsetEnd());
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

    private UpdaterBlock part(Network network, UpdaterBlock whole, int from, int to) {
        List<ParamState> arrays = new ArrayList<>();
        for (ParamState array : whole.getLayersAndVariablesInBlock()) {
            int begin = Math.max(from, array.getParamOffsetStart());
            int end = Math.min(to, array.getParamOffsetEnd());
            if (begin < end) {
                arrays.add(new ParamState(
                        array.getLayer(),
                        array.getParamName(),
                        begin,
                        end,
                        part(network.parameters(), begin, end),
                        part(network.gradients(), begin, end)));
            }
        }
        UpdaterBlock part = new UpdaterBlock(from, to, 0, 0, arrays);
        part.setGradientView(part(network.gradients(), from, to));
        part.setGradientUpdater(
                part(whole.getGradientUpdater(), from - whole.getParamOffsetStart(), to - whole.getParamOffsetStart()));
        return part;
    }

    private GradientUpdater<?> part(GradientUpdater<?> whole, int from, int to) {
        GradientUpdater<?> part = whole instanceof FusedUpdater<?> fused
                ? fused.ofRange(from, to)
                : HostedUpdater.isElementWise(whole) ? HostedUpdater.ofRange(whole, from, to) : whole;
        Map<String, INDArray> arrays = part.getState();
        if (arrays != null) {
            arrays.keySet().stream().sorted().map(arrays::get).forEach(state::add);
        }
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

    /** Makes the parameters those of another model's range. */
    void copyParameters(RangeStep of) {
        copy(of.parameters, parameters);
    }

    /** Makes the optimizer's state that of another model's range. */
    void copyState(RangeStep of) {
        for (int i = 0; i < state.size(); i++) {
            copy(of.state.get(i), state.get(i));
        }
    }

    private static void copy(INDArray from, INDArray to) {
        Pointer.memcpy(
                new FloatPointer(to.data().addressPointer()),
                new FloatPointer(from.data().addressPointer()),
                from.length() * Float.BYTES);
    }

    private static INDArray part(INDArray flat, long from, long to) {
        return ArrayMemory.part(flat, from, to);
    }
}
