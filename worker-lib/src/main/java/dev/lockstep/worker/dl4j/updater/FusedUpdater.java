package dev.lockstep.worker.dl4j.updater;

import dev.lockstep.worker.dl4j.layer.ArrayMemory;
import dev.lockstep.worker.math.TiledPass;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.AdaDeltaUpdater;
import org.nd4j.linalg.learning.AdaGradUpdater;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.NesterovsUpdater;
import org.nd4j.linalg.learning.RmsPropUpdater;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;

/**
 * One of ND4J's optimizers, its arithmetic in one pass by {@link UpdateLoops}, with ND4J's bits; configuration and state
 * stay with ND4J's own object. Before it is used, the two (ND4J's with {@link RateZero}) are compared once for each configuration, on this machine: where
 * a single bit differs, ND4J's stays. Plain SGD is left to ND4J: it has nothing to fuse. L1, L2 and weight decay are
 * DL4J's own, before and after this.
 */
public final class FusedUpdater<C extends IUpdater> implements GradientUpdater<C> {
    /** 1 GiB: a buffer ends at 2. */
    private static final int PART = 1 << 28;

    private static final Map<IUpdater, Boolean> SAME_BITS = new ConcurrentHashMap<>();

    private final GradientUpdater<C> stock;
    private final Formula<C> formula;
    private final List<INDArray> state;

    /** The loop of one step. */
    private interface Step<C> {
        TiledPass.Loop at(C config, int iteration, int epoch);
    }

    /** @param state ND4J's names of the arrays of state, in the loop's order */
    private record Formula<C>(List<String> state, Step<C> step) {}

    private static final Map<Class<?>, Formula<?>> FORMULAS = Map.of(
            NesterovsUpdater.class,
            new Formula<Nesterovs>(
                    List.of(NesterovsUpdater.V_STATE),
                    (config, iteration, epoch) ->
                            UpdateLoops.nesterovs((float) config.getLearningRate(iteration, epoch), (float)
                                    config.currentMomentum(iteration, epoch))),
            AdaGradUpdater.class,
            new Formula<AdaGrad>(
                    List.of(AdaGradUpdater.GRAD_STATE),
                    (config, iteration, epoch) -> UpdateLoops.adaGrad(
                            (float) config.getLearningRate(iteration, epoch), (float) config.getEpsilon())),
            RmsPropUpdater.class,
            new Formula<RmsProp>(
                    List.of(RmsPropUpdater.G_STATE),
                    (config, iteration, epoch) -> UpdateLoops.rmsProp(
                            (float) config.getLearningRate(iteration, epoch), (float) config.getRmsDecay(), (float)
                                    config.getEpsilon())),
            AdaDeltaUpdater.class,
            new Formula<AdaDelta>(
                    List.of(AdaDeltaUpdater.MSG_STATE, AdaDeltaUpdater.MSDX_STATE),
                    (config, iteration, epoch) ->
                            UpdateLoops.adaDelta((float) config.getRho(), (float) config.getEpsilon())),
            AdamUpdater.class,
            new Formula<Adam>(
                    List.of(AdamUpdater.M_STATE, AdamUpdater.V_STATE),
                    (config, iteration, epoch) -> UpdateLoops.adam(
                            (float) config.getLearningRate(iteration, epoch),
                            (float) config.getBeta1(),
                            (float) config.getBeta2(),
                            (float) config.getEpsilon(),
                            iteration)));

    private FusedUpdater(GradientUpdater<C> stock, Formula<C> formula, List<INDArray> state) {
        this.stock = stock;
        this.formula = formula;
        this.state = state;
    }

    private static <C extends IUpdater> FusedUpdater<C> of(GradientUpdater<C> stock, Formula<C> formula) {
        Map<String, INDArray> named = stock.getState();
        return new FusedUpdater<>(
                stock, formula, formula.state().stream().map(named::get).toList());
    }

    /** What is to take the place of one of ND4J's optimizers, with the same arrays of state; that one itself where it must stay. */
    public static GradientUpdater<?> insteadOf(GradientUpdater<?> stock) {
        if (FORMULAS.containsKey(stock.getClass()) && sameBits(stock.getConfig())) {
            FusedUpdater<?> ours = of(stock);
            if (ours.state.stream().allMatch(ArrayMemory::isDense)) {
                return ours;
            }
        }
        return stock;
    }

    @SuppressWarnings("unchecked") // the table pairs each updater with its own configuration
    private static <C extends IUpdater> FusedUpdater<C> of(GradientUpdater<C> stock) {
        return of(stock, (Formula<C>) FORMULAS.get(stock.getClass()));
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
        run(PART, formula.step().at(stock.getConfig(), iteration, epoch), gradient, state);
    }

    /** @param part how many values are taken at once, so that of arrays of any length */
    static void run(int part, TiledPass.Loop loop, INDArray gradient, List<INDArray> state) {
        for (long from = 0; from < gradient.length(); from += part) {
            long start = from;
            long length = Math.min(part, gradient.length() - from);
            TiledPass.run(
                    ArrayMemory.of(gradient, start, length),
                    state.stream()
                            .map(array -> ArrayMemory.of(array, start, length))
                            .toList(),
                    loop);
        }
    }

    @Override
    public C getConfig() {
        return stock.getConfig();
    }

    @Override
    public Map<String, INDArray> getState() {
        Map<String, INDArray> named = new HashMap<>();
        for (int i = 0; i < state.size(); i++) {
            named.put(formula.state().get(i), state.get(i));
        }
        return named;
    }

    @Override
    public void setState(Map<String, INDArray> values, boolean initialize) {
        Map<String, INDArray> own = getState();
        values.forEach((name, array) -> own.get(name).assign(array));
    }

    @Override
    public void setStateViewArray(INDArray view, long[] shape, char order, boolean initialize) {
        throw new UnsupportedOperationException("made with its state; a new view needs a new updater");
    }

    private static boolean sameBits(IUpdater config) {
        return SAME_BITS.computeIfAbsent(config.clone(), FusedUpdater::compare);
    }

    private static boolean compare(IUpdater config) {
        int length = 1027; // vector loops and what is left over
        INDArray state = wave(Math.toIntExact(config.stateSize(length)), 7, 1e-4f);
        INDArray otherState = state.dup();
        GradientUpdater<?> stock = RateZero.respectedBy(config.instantiate(state, false));
        GradientUpdater<?> ours = of(config.instantiate(otherState, false));
        for (int iteration : new int[] {0, 1, 30, 3605}) {
            INDArray gradient = wave(length, iteration + 1, 0.01f);
            INDArray otherGradient = gradient.dup();
            stock.applyUpdater(gradient, iteration, 0);
            ours.applyUpdater(otherGradient, iteration, 0);
            if (!Arrays.equals(gradient.toFloatVector(), otherGradient.toFloatVector())
                    || !Arrays.equals(state.toFloatVector(), otherState.toFloatVector())) {
                return false;
            }
        }
        return true;
    }

    /** Values of all sizes up to a scale, of both signs; as a state (frequency 7), not below 0. */
    private static INDArray wave(int length, int frequency, float scale) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            float value = (float) Math.sin((double) frequency * i) * scale;
            values[i] = frequency == 7 ? Math.abs(value) : value;
        }
        return Nd4j.create(values, new long[] {1, length}, 'c').castTo(DataType.FLOAT);
    }
}
