package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.model.optimizer.AdaDelta;
import dev.lockstep.worker.model.optimizer.AdaGrad;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.model.optimizer.Nesterov;
import dev.lockstep.worker.model.optimizer.Optimizer;
import dev.lockstep.worker.model.optimizer.RmsProp;
import dev.lockstep.worker.model.optimizer.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code optimizer} and {@code regularization}. */
class OptimizerConfigTest {

    private static Optimizer optimizer(String hocon) {
        return Configurations.of("optimizer " + hocon).network().optimizer();
    }

    @Test
    void defaults() {
        assertThat(Configurations.of().network().optimizer()).isEqualTo(new Adam(0.001, 0.9, 0.999, 1e-7));
        assertThat(optimizer("{ name = sgd }")).isEqualTo(new Sgd(0.01));
        assertThat(optimizer("{ name = momentum }")).isEqualTo(new Momentum(0.01, 0.9));
        assertThat(optimizer("{ name = nesterov }")).isEqualTo(new Nesterov(0.01, 0.9));
        assertThat(optimizer("{ name = adadelta }")).isEqualTo(new AdaDelta(0.95, 1e-6));
        assertThat(optimizer("{ name = adagrad }")).isEqualTo(new AdaGrad(0.01, 1e-7));
        assertThat(optimizer("{ name = rmsprop }")).isEqualTo(new RmsProp(0.01, 0.99, 1e-7));
        assertThat(Configurations.of().network().l1()).isZero();
        assertThat(Configurations.of().network().l2()).isZero();
    }

    @Test
    void fullMapping() {
        assertThat(optimizer("{ name = sgd, learning-rate = 0.07 }")).isEqualTo(new Sgd(0.07));
        assertThat(optimizer("{ name = momentum, learning-rate = 0.3, momentum = 0 }"))
                .isEqualTo(new Momentum(0.3, 0));
        assertThat(optimizer("{ name = adagrad, learning-rate = 0.1, epsilon = 1e-6 }"))
                .isEqualTo(new AdaGrad(0.1, 1e-6));
        assertThat(optimizer("{ name = rmsprop, learning-rate = 2, decay = 0.95, epsilon = 1 }"))
                .isEqualTo(new RmsProp(2, 0.95, 1));
        assertThat(optimizer("{ name = adam, learning-rate = 1e-4, beta1 = 0.8, beta2 = 0.99, epsilon = 1e-8 }"))
                .isEqualTo(new Adam(1e-4, 0.8, 0.99, 1e-8));
        RunConfig regularized = Configurations.of("regularization { l1 = 0.004, l2 = 0.1 }");
        assertThat(regularized.network().l1()).isEqualTo(0.004);
        assertThat(regularized.network().l2()).isEqualTo(0.1);
    }

    @Test
    void validation() {
        assertRefused("optimizer.name = adm")
                .hasMessageContainingAll(
                        "optimizer.name: expected one of sgd, momentum, nesterov, adagrad, adadelta, rmsprop, adam",
                        "found \"adm\"");
        assertRefused("regularization.l2 = -0.1")
                .hasMessageContaining("regularization.l2: expected a number at least 0, found -0.1");
        assertRefused("optimizer { name = sgd, beta1 = 0.9 }").hasMessageContaining("optimizer.beta1: unknown key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0.1", "NaN", "Infinity", "-Infinity", "1e999", "1e39", "1e-46", "fast", "[0.1]"})
    void aLearningRateIsFiniteAndAboveZero(String value) {
        assertRefused("optimizer.learning-rate = \"" + value + "\"")
                .hasMessageContaining("optimizer.learning-rate: expected a number above 0, found \"" + value + "\"");
    }

    /** As 0 in float32 it would divide 0 by 0 where there is no gradient. */
    @Test
    void anEpsilonIsNotZeroInFloat32() {
        assertRefused("optimizer { name = adagrad, epsilon = 1e-50 }")
                .hasMessageContaining("optimizer.epsilon: expected a number above 0, found 1.0E-50");
    }

    @ParameterizedTest
    @CsvSource({
        "momentum,momentum,1",
        "rmsprop,decay,1",
        "adam,beta1,1",
        "adam,beta2,-0.1",
        "adam,beta2,2.5",
        "adam,beta2,0.99999999"
    })
    void aDecayIsBelowOne(String name, String key, String value) {
        assertRefused("optimizer { name = " + name + ", " + key + " = " + value + " }")
                .hasMessageContainingAll(
                        "optimizer." + key + ": expected a number at least 0 and below 1, found " + value);
    }
}
