package dev.lockstep.worker.network;

import java.io.Serializable;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * The optimizers a configuration can name, as the course defines them. g is the gradient averaged over the global
 * batch; all optimizer state starts at 0, which is where the course differs from DL4J's own AdaGrad and RMSProp, whose state starts at epsilon.
 */
public sealed interface OptimizerSpec extends Serializable {

    /** Step size before any schedule, above 0. */
    double learningRate();

    /** DL4J's updater that takes this step. */
    IUpdater dl4j();

    /** DL4J's updater that takes this step at the rate of a schedule. */
    default IUpdater dl4j(ISchedule rate) {
        IUpdater updater = dl4j();
        updater.setLrAndSchedule(learningRate(), rate);
        return updater;
    }

    /** The stock updater for a saved model, so that DL4J restores it without our jar; usually the same one. */
    default IUpdater stock() {
        return dl4j();
    }

    /** w = w - learningRate g */
    record StochasticGradientDescent(double learningRate) implements OptimizerSpec {
        @Override
        public IUpdater dl4j() {
            return new Sgd(learningRate);
        }
    }

    /**
     * Classical momentum (Polyak 1964): v = momentum v - learningRate g; w = w + v. DL4J only has Nesterov's.
     *
     * @param momentum in [0, 1)
     */
    record Momentum(double learningRate, double momentum) implements OptimizerSpec {
        @Override
        public IUpdater dl4j() {
            return new ClassicalMomentum(learningRate, momentum);
        }

        @Override
        public IUpdater stock() {
            return new Nesterovs(learningRate, momentum);
        }
    }

    /**
     * Nesterov 1983 in the form of Bengio et al. 2013, with the gradient taken where the weights are:
     * v' = momentum v - learningRate g; w = w - momentum v + (1 + momentum) v'.
     *
     * @param momentum in [0, 1)
     */
    record NesterovMomentum(double learningRate, double momentum) implements OptimizerSpec {
        @Override
        public IUpdater dl4j() {
            return new Nesterovs(learningRate, momentum);
        }
    }

    /**
     * Duchi, Hazan, Singer 2011: h = h + g^2; w = w - learningRate g / (sqrt(h) + epsilon).
     *
     * @param epsilon above 0
     */
    record AdaptiveGradient(double learningRate, double epsilon) implements OptimizerSpec {
        @Override
        public IUpdater dl4j() {
            return new AdaGrad(learningRate, epsilon);
        }

        @Override
        public IUpdater dl4j(ISchedule rate) {
            return new Scheduled(rate, epsilon);
        }

        /** A copy of DL4J's own forgets its schedule. */
        private static final class Scheduled extends AdaGrad {
            private static final long serialVersionUID = 1L;

            Scheduled(ISchedule rate, double epsilon) {
                super(rate, epsilon);
            }

            @Override
            public AdaGrad clone() {
                return new Scheduled(getLearningRateSchedule(), getEpsilon());
            }
        }
    }

    /**
     * Tieleman, Hinton 2012: h = decay h + (1 - decay) g^2; w = w - learningRate g / (sqrt(h) + epsilon).
     *
     * @param decay in [0, 1)
     * @param epsilon above 0
     */
    record RootMeanSquare(double learningRate, double decay, double epsilon) implements OptimizerSpec {
        @Override
        public IUpdater dl4j() {
            return new RmsProp(learningRate, decay, epsilon);
        }
    }

    /**
     * Kingma, Ba 2015, section 2's folded form: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
     * w = w - learningRate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon), t from 1.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @param epsilon above 0
     */
    record AdaptiveMoments(double learningRate, double beta1, double beta2, double epsilon) implements OptimizerSpec {
        @Override
        public IUpdater dl4j() {
            return new Adam(learningRate, beta1, beta2, epsilon);
        }
    }

    /**
     * Zeiler 2012: h = decay h + (1 - decay) g^2; d = g sqrt(s + epsilon) / sqrt(h + epsilon);
     * s = decay s + (1 - decay) d^2; w = w - d. It has no learning rate: the rate is 1.
     *
     * @param decay in [0, 1)
     * @param epsilon above 0
     */
    record AdaptiveDelta(double decay, double epsilon) implements OptimizerSpec {
        @Override
        public double learningRate() {
            return 1;
        }

        @Override
        public IUpdater dl4j() {
            return new AdaDelta(decay, epsilon);
        }
    }
}
