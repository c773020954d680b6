package dev.lockstep.worker.dl4j;

import java.util.List;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.UpdaterBlock.ParamState;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Parameters {@code [from, to)} beside each other that have equal optimizers, and where DL4J keeps the optimizer's state of them:
 * one slot of all of them behind the other.
 *
 * @param state the place of the first slot in the flat state
 * @param slots how many there are
 * @param arrays of parameters
 */
record OptimizerBlock(int from, int to, int state, int slots, IUpdater config, List<ParamState> arrays) {

    static List<OptimizerBlock> of(Network network) {
        return network.updater().getUpdaterBlocks().stream()
                .map(OptimizerBlock::of)
                .toList();
    }

    private static OptimizerBlock of(UpdaterBlock block) {
        int from = block.getParamOffsetStart();
        int to = block.getParamOffsetEnd();
        int begin = block.getUpdaterViewOffsetStart();
        return new OptimizerBlock(
                from,
                to,
                begin,
                (block.getUpdaterViewOffsetEnd() - begin) / (to - from),
                block.getGradientUpdater().getConfig(),
                block.getLayersAndVariablesInBlock());
    }

    /** The place of a slot in the flat state. */
    int slot(int slot) {
        return state + slot * (to - from);
    }
}
