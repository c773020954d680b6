package dev.lockstep.worker.kernel;

import org.nd4j.linalg.api.blas.Blas;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Holds the calling thread to one native thread. Spark already runs one task a core, so more would only fight for the
 * cores; and with one, the order of every native sum is fixed. ND4J sets OpenMP to four threads while it starts, and
 * OpenMP keeps the number for each calling thread, so every thread that computes must call this. BLAS keeps one number
 * for the process.
 */
public final class NativeThreads {
    private NativeThreads() {}

    /** @throws IllegalStateException when the native libraries keep more than one thread */
    public static void holdToOne() {
        Blas blas = Nd4j.factory().blas(); // starts ND4J first: starting it sets the number back to four
        NativeOps ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
        ops.setOmpNumThreads(1);
        if (blas.getMaxThreads() != 1) {
            blas.setMaxThreads(1);
        }
        if (ops.ompGetMaxThreads() != 1 || blas.getMaxThreads() != 1) {
            throw new IllegalStateException("the native libraries keep " + ops.ompGetMaxThreads() + " (OpenMP) and "
                    + blas.getMaxThreads()
                    + " (BLAS) threads on a computing thread: results would depend on the machine");
        }
    }
}
