package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.status.StatusData;
import org.apache.logging.log4j.status.StatusListener;
import org.apache.logging.log4j.status.StatusLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs of runs side by side: each has its own lines, and none is written to when it is closed. */
class RunLogTest {
    private static final Logger LOG = LoggerFactory.getLogger(RunLogTest.class);
    private static final int RUNS = 100;

    @TempDir
    private Path folder;

    private final Errors errors = new Errors();

    /** What log4j has to say of itself. */
    private static final class Errors implements StatusListener {
        final Queue<String> texts = new ConcurrentLinkedQueue<>();

        @Override
        public void log(StatusData data) {
            texts.add(data.getFormattedStatus());
        }

        @Override
        public Level getStatusLevel() {
            return Level.WARN;
        }

        @Override
        public void close() {}
    }

    @BeforeEach
    void listen() {
        StatusLogger.getLogger().registerListener(errors);
    }

    @AfterEach
    void listenNoMore() {
        StatusLogger.getLogger().removeListener(errors);
    }

    private RunFolder run(int number) {
        RunFolder run = RunFolder.at(folder.resolve("run-" + number).toString(), new Configuration());
        run.create();
        return run;
    }

    private List<String> lines(int number) throws IOException {
        return Files.readAllLines(folder.resolve("run-" + number).resolve("train.log"));
    }

    private interface Work {
        void run() throws IOException;
    }

    /** Does some work while other threads log all they can. */
    private static void beside(Work work) throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        List<Thread> others = IntStream.range(0, 2)
                .mapToObj(i -> new Thread(() -> {
                    while (!ended.get()) {
                        LOG.info("another's");
                    }
                }))
                .toList();
        others.forEach(Thread::start);
        try {
            work.run();
        } finally {
            ended.set(true);
            for (Thread other : others) {
                other.join();
            }
        }
    }

    @Test
    void theLogOfAThreadHasItsOwnLinesAlone() throws Exception {
        beside(() -> {
            for (int number = 0; number < RUNS; number++) {
                try (RunLog log = RunLog.ofThread(run(number))) {
                    LOG.info("own {}", number);
                }
            }
        });
        assertThat(errors.texts).isEmpty();
        for (int number = 0; number < RUNS; number++) {
            Path log = folder.resolve("run-" + number).resolve("train.log");
            assertThat(Files.readAllLines(log)).singleElement().asString().endsWith("own " + number);
        }
    }

    @Test
    void theLogOfAProcessIsClosedWhenNobodyWritesToIt() throws Exception {
        beside(() -> {
            for (int number = 0; number < RUNS / 5; number++) {
                try (RunLog log = RunLog.ofProcess(run(number))) {
                    LOG.info("own {}", number);
                }
            }
        });
        assertThat(errors.texts).isEmpty();
    }
}
