package dev.lockstep.worker.natives;

import static dev.lockstep.worker.model.CourseNetworks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Predictor;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

class NativesTest {
    private static final NetworkSpec SPEC = CourseNetworks.of(Shape.vector(4), List.of(softmax(3)));
    private static final List<byte[]> EXAMPLES =
            List.of(Block.of(ExampleFormat.bytes(Shape.vector(4), 1 << 20), 0, new int[] {1}, new byte[] {1, 2, 3, 4})
                    .packed(0));

    @Test
    void holdsAThreadThatHadMore() throws Exception {
        assertThat(threadsAfter(Natives::ready)).isEqualTo(1);
    }

    /** OpenMP keeps the number for each thread: holding one says nothing of the next. */
    @Test
    void everyThreadHasItsOwnNumber() throws Exception {
        Natives.ready();
        assertThat(threadsAfter(() -> {})).isEqualTo(3);
        assertThat(ops().ompGetMaxThreads()).isEqualTo(1);
    }

    @Test
    void holdsBlasToo() {
        Nd4j.factory().blas().setMaxThreads(3);
        Natives.ready();
        assertThat(Nd4j.factory().blas().getMaxThreads()).isEqualTo(1);
    }

    /** ND4J's library as it would be if it did not listen. */
    @Test
    void aLibraryThatKeepsMoreThreadsIsRefused() {
        var deaf = (NativeOps) Proxy.newProxyInstance(
                NativeOps.class.getClassLoader(),
                new Class<?>[] {NativeOps.class},
                (proxy, method, arguments) -> method.getName().equals("ompGetMaxThreads") ? 4 : null);
        assertThatThrownBy(() -> Natives.holdToOne(deaf))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("ND4J keeps 4 native threads on one computing thread: results would depend on the machine");
    }

    /** Whatever thread Spark runs a task on: nothing computes before it is held. */
    @Test
    void everythingThatComputesHoldsItsThread() throws Exception {
        Replica replica = new Replica(SPEC, new SeedLaw(1));
        StepId id = new StepId(0, 0, 1);
        PartialSum sum = replica.gradient(id, 0, EXAMPLES);
        assertThat(threadsAfter(() -> new Replica(SPEC, new SeedLaw(1)))).isEqualTo(1);
        assertThat(threadsAfter(() -> replica.gradient(id, 0, EXAMPLES))).isEqualTo(1);
        assertThat(threadsAfter(() -> replica.step(id, sum))).isEqualTo(1);

        String json = Networks.stock(SPEC).configurationJson();
        for (int firstThenPooled = 0; firstThenPooled < 2; firstThenPooled++) {
            assertThat(threadsAfter(() -> Predictor.with(
                            json,
                            ExampleFormat.bytes(SPEC.input(), 3),
                            replica.parameters(),
                            predictor -> predictor.predict(EXAMPLES))))
                    .isEqualTo(1);
        }
    }

    /** The OpenMP threads of a new thread that was given 3 and then did some work. */
    private static int threadsAfter(Runnable work) throws Exception {
        NativeOps ops = ops();
        Callable<Integer> measured = () -> {
            ops.setOmpNumThreads(3);
            assertThat(ops.ompGetMaxThreads()).isEqualTo(3);
            work.run();
            return ops.ompGetMaxThreads();
        };
        FutureTask<Integer> task = new FutureTask<>(measured);
        new Thread(task).start();
        return task.get();
    }

    private static NativeOps ops() {
        Nd4j.getBackend();
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }
}
