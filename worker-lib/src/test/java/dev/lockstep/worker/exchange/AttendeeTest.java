package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.exchange.Transport.Address;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.natives.Natives;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttendeeTest {
    private static final Attendee A = new Attendee("0", "a.example", "layers and OpenBLAS for SkylakeX", Pace.UNKNOWN);
    private static final Attendee B = new Attendee("1", "bücher.example", A.arithmetic(), new Pace(7, 12.5));
    private static final Attendee OLD =
            new Attendee("10", "old.example", "layers and OpenBLAS for Nehalem", Pace.UNKNOWN);

    @Test
    void arriveAsTheyWereSent() {
        ByteBuffer all = ByteBuffer.allocate(300).order(ByteOrder.LITTLE_ENDIAN);
        List.of(A, B, OLD, A).forEach(each -> all.put(each.bytes()));
        assertThat(Attendee.all(all.flip())).containsExactly(A, B, OLD, A);
    }

    @Test
    void mustComputeTheSameBits() {
        assertThatNoException().isThrownBy(() -> Attendee.requireSameArithmetic(List.of(A), null));
        assertThatNoException().isThrownBy(() -> Attendee.requireSameArithmetic(List.of(A, B, A), A.arithmetic()));
        assertThatThrownBy(() -> Attendee.requireSameArithmetic(List.of(A, B), OLD.arithmetic()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "the steps so far were computed with layers and OpenBLAS for Nehalem",
                        "task 0 on executor 0 at a.example computes with layers and OpenBLAS for SkylakeX",
                        "--other-kernels");
        assertThatThrownBy(() -> Attendee.requireSameArithmetic(List.of(A, B, OLD), null))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "task 0 on executor 0 at a.example computes with layers and OpenBLAS for SkylakeX",
                        "task 2 on executor 10 at old.example with layers and OpenBLAS for Nehalem",
                        "LOCKSTEP_OPENBLAS_CORE");
    }

    /** Addresses follow when there is more than one executor. */
    @Test
    void addressesArriveAsTheyWereSent() {
        List<Address> sent = List.of(new Address("a.example", 7001), new Address("bücher.example", 65535));
        ByteBuffer all = ByteBuffer.allocate(300).order(ByteOrder.LITTLE_ENDIAN);
        sent.forEach(each -> all.put(each.bytes()));
        assertThat(Address.all(all.flip())).isEqualTo(sent);
    }

    @Test
    void theKernelsOfThisJvmHaveAName() {
        Natives.ready();
        assertThat(FastLayers.kernels()).matches("(Lockstep|DL4J)'s layers( on oneDNN)? and OpenBLAS for \\w+");
    }
}
