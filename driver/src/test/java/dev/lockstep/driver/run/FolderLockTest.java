package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lock of a local folder; that of others is tested on HDFS. */
class FolderLockTest {

    @TempDir
    private Path directory;

    private RunFolder folder() {
        return RunFolder.at(directory.toString(), new Configuration());
    }

    /** A process that takes the lock of the folder it is given, says so, and lives on until its input ends. */
    static final class Other {
        public static void main(String... arguments) throws IOException {
            FolderLock lock = FolderLock.take(RunFolder.at(arguments[0], new Configuration()));
            System.out.println("taken");
            lock.require();
            if (System.in.read() < 0) {
                Runtime.getRuntime().halt(9); // as if killed
            }
        }
    }

    @Test
    void oneAtATimeInAProcess() throws IOException {
        FolderLock first = FolderLock.take(folder());
        assertThatThrownBy(() -> FolderLock.take(folder()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "file:" + directory + " is being written by another process (this one); wait for its end, or"
                                + " stop it, or choose another --out");
        first.require();
        assertThat(folder().isEmpty()).as("but for the lock").isTrue();
        first.close();
        assertThat(directory).isEmptyDirectory();
        FolderLock.take(folder()).close();
    }

    @Test
    void oneAtATimeOnAMachineUntilItDies() throws Exception {
        Process other = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("taken");
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> FolderLock.take(folder()))
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContaining("is being written by another process (" + other.pid() + "@");
            }
        } finally {
            other.destroyForcibly();
        }
        assertThat(other.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(directory).as("what it left").isNotEmptyDirectory();
        FolderLock.take(folder()).close();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aFolderThatIsDeletedOrMovedIsLost() throws IOException {
        Path run = Files.createDirectory(directory.resolve("run"));
        RunFolder folder = RunFolder.at(run.toString(), new Configuration());
        try (FolderLock lock = FolderLock.take(folder)) {
            assertThat(lock.isHeld()).isTrue();
            Files.move(run, directory.resolve("moved"));
            assertThat(lock.isHeld()).isFalse();
            Files.createDirectory(run);
            Files.createFile(run.resolve(SystemLock.FILE));
            assertThatThrownBy(lock::require)
                    .isInstanceOf(IOException.class)
                    .hasMessage("file:" + run
                            + " was deleted or moved while it was being written; nothing more is written there");
        }
        assertThat(run.resolve(SystemLock.FILE)).as("another's").exists();
    }
}
