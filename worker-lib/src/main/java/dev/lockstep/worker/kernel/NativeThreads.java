package dev.lockstep.worker.kernel;

import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.LoggerFactory;

/**
 * Holds the calling thread to one native thread. Spark already runs one task a core, so more would only fight for the
 * cores; and with one, the order of every native sum is fixed. ND4J sets OpenMP to four threads while it starts, and
 * OpenMP keeps the number for each calling thread, so every thread that computes must call this.
 */
public final class NativeThreads {
    private NativeThreads() {}

    /** @throws IllegalStateException when the native library keeps more than one thread */
    public static void holdToOne() {
        Nd4j.getBackend(); // starts ND4J first: starting it sets the number back to four
        NativeOps ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
        ops.setOmpNumThreads(1);
        check("ND4J", ops.ompGetMaxThreads());
        if (hasOpenBlas()) {
            // For the whole JVM, once and for all; asked each time, because any code may set it.
            if (openblas_nolapack.blas_get_num_threads() != 1) {
                openblas_nolapack.blas_set_num_threads(1);
            }
            check("OpenBLAS", openblas_nolapack.blas_get_num_threads());
        }
    }

    /** Whether there is an OpenBLAS for this platform on the class path. */
    static boolean hasOpenBlas() {
        return OpenBlas.LOADED;
    }

    private static void check(String library, int threads) {
        if (threads != 1) {
            throw new IllegalStateException(library + " keeps " + threads
                    + " native threads on one computing thread: results would depend on the machine");
        }
    }

    private static final class OpenBlas {
        static final boolean LOADED = load();

        private static boolean load() {
            try {
                openblas_nolapack.blas_get_num_threads();
                return true;
            } catch (UnsatisfiedLinkError | NoClassDefFoundError missing) {
                LoggerFactory.getLogger(NativeThreads.class)
                        .warn("no OpenBLAS for this platform, so no fast kernels: {}", missing.toString());
                return false;
            }
        }
    }
}
