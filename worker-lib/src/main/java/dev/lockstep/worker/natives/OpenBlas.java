package dev.lockstep.worker.natives;

import com.sun.jna.Function;
import dev.lockstep.worker.settings.JvmSettings;
import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OpenBLAS that ND4J loads, and the two choices that decide its speed and its bits: one thread, and which of its
 * sets of kernels ("core") it uses. Left alone, it takes a processor that is newer than itself for an old one (an AMD
 * Zen 5 for a Zen 1) and computes with half the width. It asks for its core once, while it loads, in the environment
 * ({@code OPENBLAS_CORETYPE}); so that is where the choice is put, in time.
 *
 * <p>The choice is made by the processor alone, so that what a machine computes does not depend on who started the
 * process. {@code LOCKSTEP_OPENBLAS_CORE} in the environment, or the system property {@code lockstep.openblas.core},
 * names another core (for machines of several kinds, the one that all have, in every process).
 */
final class OpenBlas {
    private static final Logger LOG = LoggerFactory.getLogger(OpenBlas.class);
    private static final String VARIABLE = JvmSettings.OPENBLAS_CORETYPE;

    /** OpenBLAS's name for "AVX-512 as Intel's first servers with it"; AMD's have all of that too. */
    private static final String AVX512 = "SkylakeX";

    private static final List<String> AVX512_FLAGS = List.of("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl");

    private OpenBlas() {}

    /** Chooses the core, and says which. */
    static Optional<String> choose() {
        return Core.choose();
    }

    /** Whether there is an OpenBLAS for this platform on the class path. */
    static boolean available() {
        return Library.LOADED;
    }

    /** One thread, for the whole JVM; any code may set another number, so each computing thread asks again. */
    static int holdToOneThread() {
        if (openblas_nolapack.blas_get_num_threads() != 1) {
            openblas_nolapack.blas_set_num_threads(1);
        }
        return openblas_nolapack.blas_get_num_threads();
    }

    private static final class Core {
        private static final Optional<String> CHOSEN = set();

        /** The core that was set, if any; set once a process, when this class is loaded. */
        static Optional<String> choose() {
            return CHOSEN;
        }

        private static Optional<String> set() {
            Optional<String> named = JvmSettings.openBlasCore();
            if (named.isEmpty() && !hasAvx512()) {
                return Optional.empty();
            }
            String core = named.orElse(AVX512);
            JvmSettings.openBlasCoreOfTheEnvironment()
                    .filter(before -> !before.equalsIgnoreCase(core))
                    .ifPresent(before -> LOG.info("{}={} in the environment gives way to {}", VARIABLE, before, core));
            try {
                Function.getFunction("c", "setenv").invokeInt(new Object[] {VARIABLE, core, 1});
                return Optional.of(core);
            } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
                LOG.warn(
                        "can't choose OpenBLAS's kernels from inside ({}); set {}={} in the environment of every process",
                        e.toString(),
                        VARIABLE,
                        core);
                return Optional.empty();
            }
        }

        private static boolean hasAvx512() {
            try (Stream<String> lines = lines("/proc/cpuinfo")) {
                return lines.filter(line -> line.startsWith("flags"))
                        .findFirst()
                        .map(line -> List.of(line.split("\\s+")).containsAll(AVX512_FLAGS))
                        .orElse(false);
            } catch (IOException | UncheckedIOException notLinux) {
                return false;
            }
        }
    }

    private static final class Library {
        static final boolean LOADED = load();

        private static boolean load() {
            Optional<String> core = choose();
            try {
                openblas_nolapack.blas_get_num_threads();
            } catch (UnsatisfiedLinkError | NoClassDefFoundError missing) {
                LOG.warn("no OpenBLAS for this platform, so no fast kernels: {}", missing.toString());
                return false;
            }
            core.ifPresent(Library::check);
            return true;
        }

        /** Says so when the library was loaded before the choice was made. */
        private static void check(String chosen) {
            findCore().ifPresent(core -> {
                if (!core.equalsIgnoreCase(chosen)) {
                    LOG.warn(
                            "OpenBLAS was loaded before Lockstep could choose its kernels and uses those for {}: slower, and"
                                    + " with other bits than a process that uses those for {}; set {}={} in the environment",
                            core,
                            chosen,
                            VARIABLE,
                            chosen);
                }
            });
        }
    }

    /** The core that the library uses, once it is loaded; empty where that cannot be found out. */
    static Optional<String> core() {
        return Loaded.CORE;
    }

    private static final class Loaded {
        static final Optional<String> CORE = findCore();
    }

    private static Optional<String> findCore() {
        try (Stream<String> lines = lines("/proc/self/maps")) {
            return lines.filter(line -> line.contains("libopenblas_nolapack.so"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf('/')))
                    .map(file ->
                            Function.getFunction(file, "openblas_get_corename").invokeString(new Object[0], false));
        } catch (IOException | UncheckedIOException | UnsatisfiedLinkError unknown) {
            return Optional.empty();
        }
    }

    /** Not by way of a channel: that fails in an interrupted thread, as a killed task's is. */
    private static Stream<String> lines(String file) throws IOException {
        BufferedReader reader = new BufferedReader(new FileReader(file, StandardCharsets.UTF_8));
        return reader.lines().onClose(() -> {
            try {
                reader.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
