package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationTanH;

class FusionTest {
    private static final class OnesOwnIdentity extends ActivationIdentity {
        private static final long serialVersionUID = 1L;
    }

    private static final class OnesOwnReLU extends ActivationReLU {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void onlyTheFunctionsThemselvesAreFused() {
        assertThat(Fusion.of(new ActivationIdentity())).isEqualTo(Fusion.IDENTITY);
        assertThat(Fusion.of(new ActivationReLU())).isEqualTo(Fusion.RELU);
        assertThat(Fusion.of(new ActivationReLU(0.0, 0.0, 0.1))).isEqualTo(Fusion.NONE);
        assertThat(Fusion.of(new ActivationTanH())).isEqualTo(Fusion.NONE);
    }

    /** A subclass may compute anything, and DL4J's equals takes it for its parent. */
    @Test
    void aSubclassIsNotItsParent() {
        assertThat(Fusion.of(new OnesOwnIdentity())).isEqualTo(Fusion.NONE);
        assertThat(Fusion.of(new OnesOwnReLU())).isEqualTo(Fusion.NONE);
    }
}
