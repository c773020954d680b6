package dev.lockstep.worker.settings;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * System properties and variables of the environment that Lockstep reads, each asked anew; of the two, the property counts.
 * The launcher's own, {@code JAVA_HOME} and {@code LOCKSTEP_JAVA_OPTS}, never reach a JVM.
 */
public final class JvmSettings {
    /** What OpenBLAS itself asks for, once, while it loads. */
    public static final String OPENBLAS_CORETYPE = "OPENBLAS_CORETYPE";

    private JvmSettings() {}

    /** {@code lockstep.kernels}, {@code LOCKSTEP_KERNELS}: whose layers compute; part of the bits. */
    public static Optional<String> kernels() {
        return property("lockstep.kernels", "LOCKSTEP_KERNELS");
    }

    /** {@code lockstep.kernels.check}: whether matrix products check what the library touches; not part of the bits. */
    public static boolean kernelsAreChecked() {
        return Boolean.getBoolean("lockstep.kernels.check");
    }

    /** {@code lockstep.openblas.core}, {@code LOCKSTEP_OPENBLAS_CORE}: OpenBLAS's set of kernels; part of the bits. */
    public static Optional<String> openBlasCore() {
        return property("lockstep.openblas.core", "LOCKSTEP_OPENBLAS_CORE");
    }

    /** {@code OPENBLAS_CORETYPE} as this process was started with it. */
    public static Optional<String> openBlasCoreOfTheEnvironment() {
        return Optional.ofNullable(System.getenv(OPENBLAS_CORETYPE));
    }

    /** {@code lockstep.jar}: the assembly, for the executors of a cluster; the launcher names it. */
    public static Optional<String> assembly() {
        return Optional.ofNullable(System.getProperty("lockstep.jar"));
    }

    /**
     * {@code lockstep.slow-task}: for benchmarks, who computes each shard twice: the task of a rank, as {@code 1}, or all tasks of an
     * executor, as {@code executor-1}; empty for nobody.
     */
    public static String slowTask() {
        return System.getProperty("lockstep.slow-task", "");
    }

    /**
     * {@code lockstep.flip}: for tests, audited shards of which an executor gets a bit wrong, once each, as
     * {@code EXECUTOR/STEP/SHARD}.
     */
    public static Set<String> plantedFlips() {
        return new HashSet<>(List.of(System.getProperty("lockstep.flip", "").split(",")));
    }

    /** {@code lockstep.program}: how people call the program here; the launcher tells. */
    public static Optional<String> program() {
        return Optional.ofNullable(System.getProperty("lockstep.program"));
    }

    private static Optional<String> property(String name, String variable) {
        return Optional.ofNullable(System.getProperty(name, System.getenv(variable)));
    }
}
