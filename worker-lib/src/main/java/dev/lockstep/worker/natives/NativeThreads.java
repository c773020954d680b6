package dev.lockstep.worker.natives;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Holds the calling thread to one native thread. Spark already runs one task a core, so more would only fight for the
 * cores; and with one, the order of every native sum is fixed. ND4J sets OpenMP to four threads while it starts, and
 * OpenMP keeps the number for each calling thread, so every thread that computes must call this.
 */
public final class NativeThreads {
    private static volatile boolean loaded;

    private NativeThreads() {}

    /**
     * Chooses what the native libraries ask for only while they load. To be called before anything of ND4J's by every
     * process that computes; {@link #holdToOne()} does.
     */
    public static void prepare() {
        OpenBlas.prepare();
    }

    /** @throws IllegalStateException when a native library keeps more than one thread */
    public static void holdToOne() {
        if (!loaded) {
            load(); // first: starting ND4J sets the number back to four
        }
        holdToOne(NativeOpsHolder.getInstance().getDeviceNativeOps());
        if (OpenBlas.available()) {
            check("OpenBLAS", OpenBlas.holdToOneThread());
        }
    }

    /**
     * Loads the native libraries, in a thread that nobody interrupts. A task's thread is interrupted when the task is
     * killed; what fails to load because of that fails for as long as the process lives.
     */
    private static synchronized void load() {
        if (loaded) {
            return;
        }
        FutureTask<Void> loading = new FutureTask<>(
                () -> {
                    prepare();
                    Nd4j.getBackend();
                    OpenBlas.available();
                },
                null);
        Thread loader = new Thread(loading, "lockstep-native-loader");
        loader.setDaemon(true);
        loader.start();
        boolean interrupted = false;
        while (!loaded) {
            try {
                loading.get();
                loaded = true;
            } catch (InterruptedException e) {
                interrupted = true; // waits on, and passes it on then
            } catch (ExecutionException e) {
                throw new IllegalStateException("ND4J's native libraries do not load: " + e.getCause(), e.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    public static void holdToOne(NativeOps ops) {
        ops.setOmpNumThreads(1);
        check("ND4J", ops.ompGetMaxThreads());
    }

    private static void check(String library, int threads) {
        if (threads != 1) {
            throw new IllegalStateException(library + " keeps " + threads
                    + " native threads on one computing thread: results would depend on the machine");
        }
    }
}
