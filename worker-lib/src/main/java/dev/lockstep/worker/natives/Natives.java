package dev.lockstep.worker.natives;

import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The native libraries of this process: once loaded they are ready, for good, or what was in the way is told to everyone
 * who asks. Whoever computes asks for them on the thread that does, which is then held to one native thread: Spark already
 * runs one task a core, so more would only fight for the cores; and with one, the order of every native sum is fixed. (ND4J
 * sets OpenMP to four threads while it starts, and OpenMP keeps the number for each calling thread.)
 */
public final class Natives {
    private final boolean hasOpenBlas;

    private Natives() {
        choose();
        Nd4j.getBackend();
        ShapesOnce.install();
        hasOpenBlas = OpenBlas.available();
    }

    /** Loaded by a thread that nobody interrupts: a task's is, when the task is killed, and could not load them then. */
    private static final class Loading {
        static final FutureTask<Natives> TASK = new FutureTask<>(Natives::new);

        static {
            Thread loader = new Thread(TASK, "lockstep-native-loader");
            loader.setDaemon(true);
            loader.start();
        }
    }

    /**
     * Chooses what the libraries ask for only while they load, and loads nothing. To be called before anything of ND4J's;
     * later calls change nothing.
     */
    public static void choose() {
        OpenBlas.choose();
    }

    /**
     * The libraries, loaded, and the calling thread held to one native thread.
     *
     * @throws IllegalStateException when they do not load, or one of them keeps more than one thread
     */
    public static Natives ready() {
        Natives natives = loaded(); // first: starting ND4J sets the number back to four
        holdToOne(NativeOpsHolder.getInstance().getDeviceNativeOps());
        if (natives.hasOpenBlas) {
            check("OpenBLAS", OpenBlas.holdToOneThread());
        }
        return natives;
    }

    private static Natives loaded() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return Loading.TASK.get();
                } catch (InterruptedException e) {
                    interrupted = true; // waits on, and passes it on then
                } catch (ExecutionException e) {
                    throw new IllegalStateException(
                            "ND4J's native libraries do not load: " + e.getCause(), e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether there is an OpenBLAS for this platform. */
    public boolean hasOpenBlas() {
        return hasOpenBlas;
    }

    /** OpenBLAS's name for the kernels that it uses; empty where that cannot be found out. */
    public Optional<String> core() {
        return hasOpenBlas ? OpenBlas.core() : Optional.empty();
    }

    /** How large this process may become before JavaCPP refuses memory outside Java's heap, in bytes; 0 for any size. */
    public static long largestProcess() {
        return Pointer.maxPhysicalBytes();
    }

    static void holdToOne(NativeOps ops) {
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
