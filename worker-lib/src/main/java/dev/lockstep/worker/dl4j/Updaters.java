package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.dl4j.updater.FusedUpdater;
import dev.lockstep.worker.dl4j.updater.HostedUpdater;
import dev.lockstep.worker.dl4j.updater.RateZero;
import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.optimizer.AdaDelta;
import dev.lockstep.worker.model.optimizer.AdaGrad;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.Nesterov;
import dev.lockstep.worker.model.optimizer.Optimizer;
import dev.lockstep.worker.model.optimizer.OwnOptimizer;
import dev.lockstep.worker.model.optimizer.RmsProp;
import dev.lockstep.worker.model.optimizer.Sgd;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.schedule.ISchedule;

/** Optimizers as DL4J's updaters. One that DL4J lacks needs no line here. */
public final class Updaters {
    private static final Map<Class<?>, Function<Optimizer, IUpdater>> ALL = new HashMap<>();

    static {
        enter(Sgd.class, sgd -> new org.nd4j.linalg.learning.config.Sgd(sgd.learningRate()));
        enter(Nesterov.class, nesterov -> new Nesterovs(nesterov.learningRate(), nesterov.momentum()));
        enter(AdaGrad.class, grad -> new org.nd4j.linalg.learning.config.AdaGrad(grad.learningRate(), grad.epsilon()));
        enter(AdaDelta.class, delta -> new org.nd4j.linalg.learning.config.AdaDelta(delta.decay(), delta.epsilon()));
        enter(
                RmsProp.class,
                prop -> new org.nd4j.linalg.learning.config.RmsProp(prop.learningRate(), prop.decay(), prop.epsilon()));
        enter(
                Adam.class,
                adam -> new org.nd4j.linalg.learning.config.Adam(
                        adam.learningRate(), adam.beta1(), adam.beta2(), adam.epsilon()));
    }

    private Updaters() {}

    private static <O extends Optimizer> void enter(Class<O> type, Function<O, IUpdater> updater) {
        ALL.put(type, optimizer -> updater.apply(type.cast(optimizer)));
    }

    /** The updater that takes exactly this step, at its plain rate. */
    public static IUpdater exact(Optimizer optimizer) {
        return optimizer instanceof OwnOptimizer own
                ? new HostedUpdater(own)
                : ALL.get(optimizer.getClass()).apply(optimizer);
    }

    /** The updater that takes exactly this step, at the rate of a schedule. */
    static IUpdater exact(Optimizer optimizer, Schedule schedule) {
        if (schedule.isConstant()) {
            return exact(optimizer);
        }
        Rate rate = new Rate(schedule, optimizer.learningRate());
        if (optimizer instanceof AdaGrad grad) {
            return new ScheduledAdaGrad(rate, grad.epsilon());
        }
        IUpdater updater = exact(optimizer);
        updater.setLrAndSchedule(optimizer.learningRate(), rate);
        return updater;
    }

    /** The stock updater for a saved model, so that DL4J restores it without our jar; usually the same one. */
    public static IUpdater stock(Optimizer optimizer) {
        return optimizer instanceof OwnOptimizer own ? stock(own.nearest()) : exact(optimizer);
    }

    /**
     * Puts our optimizer steps in the place of ND4J's: the same bits, but for Adam at a rate of 0 ({@link RateZero}).
     *
     * @param fused whether steps of ND4J's are taken in one pass
     */
    public static void install(BaseMultiLayerUpdater<?> optimizer, boolean fused) {
        optimizer.getUpdaterBlocks().forEach(block -> install(block, fused));
    }

    static void install(UpdaterBlock block, boolean fused) {
        GradientUpdater<?> stock = block.getGradientUpdater();
        GradientUpdater<?> fast = fused ? FusedUpdater.insteadOf(stock) : stock;
        block.setGradientUpdater(RateZero.respectedBy(fast));
        HostedUpdater.place(block);
    }

    /** What DL4J calls the optimizer of a saved model. */
    public static String stockName(Optimizer optimizer) {
        return stock(optimizer).getClass().getSimpleName();
    }

    /** Whether that takes the very same steps, at a constant rate. */
    public static boolean isStock(Optimizer optimizer) {
        return stock(optimizer).equals(exact(optimizer));
    }

    /** A schedule of ours; a model is saved without it, so that it can be restored without our jar. */
    private record Rate(Schedule schedule, double learningRate) implements ISchedule {
        @Override
        public double valueAt(int iteration, int epoch) {
            return learningRate * schedule.at(iteration);
        }

        @Override
        public ISchedule clone() {
            return this;
        }
    }

    /** A copy of DL4J's own forgets its schedule. */
    private static final class ScheduledAdaGrad extends org.nd4j.linalg.learning.config.AdaGrad {
        private static final long serialVersionUID = 1L;

        ScheduledAdaGrad(ISchedule rate, double epsilon) {
            super(rate, epsilon);
        }

        @Override
        public org.nd4j.linalg.learning.config.AdaGrad clone() {
            return new ScheduledAdaGrad(getLearningRateSchedule(), getEpsilon());
        }
    }
}
