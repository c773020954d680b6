package dev.lockstep.worker.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process chooses while it loads its native libraries, it keeps: so each case has a JVM of its own. */
class NativeLoadingTest {

    @TempDir
    private Path folder;

    /** The child: loads, and says which kernels OpenBLAS uses and whether the thread is still interrupted. */
    static final class Load {
        public static void main(String[] arguments) {
            if (arguments[0].equals("interrupted")) {
                Thread.currentThread().interrupt();
            }
            System.out.println("core " + Natives.ready().core().orElse("unknown") + ", interrupted "
                    + Thread.currentThread().isInterrupted());
        }
    }

    /**
     * A task can be killed, which interrupts its thread, while it is the first of its process to load them. Another choice
     * of kernels, made then, would give other bits for as long as that executor lives.
     */
    @Test
    void anInterruptedThreadLoadsTheSame() throws Exception {
        String calm = load("calm");
        String interrupted = load("interrupted");
        assertThat(calm).contains("interrupted false").doesNotContain("unknown");
        assertThat(interrupted).isEqualTo(calm.replace("interrupted false", "interrupted true"));
    }

    private String load(String how) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-opens"))
                .forEach(command::add);
        command.add("-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("libraries-" + how)); // nothing unpacked before
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Load.class.getName(), how));
        Path output = folder.resolve(how);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("OPENBLAS_CORETYPE", "Nehalem"); // what whoever starts a process might have set
        Process process = builder.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ended").isTrue();
        assertThat(process.exitValue()).isZero();
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        return lines.get(lines.size() - 1);
    }
}
