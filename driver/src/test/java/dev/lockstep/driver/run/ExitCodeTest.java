package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What others say is told on one line, and never as "null". */
class ExitCodeTest {

    @Test
    void aLongStoryIsItsFirstLine() {
        var spark =
                new IllegalStateException("\n  Job aborted due to stage failure:\nTask 0 failed\n\tat X.y(Z.java:1)\n");
        assertThat(ExitCode.message(new IllegalStateException(spark)))
                .isEqualTo("IllegalStateException: Job aborted due to stage failure: (--debug shows where)");
    }

    @Test
    void whoSaysNothingIsNamed() {
        assertThat(ExitCode.message(new IOException())).isEqualTo("IOException (--debug shows where)");
        assertThat(ExitCode.message(new IOException("null"))).isEqualTo("IOException (--debug shows where)");
        assertThat(Excerpt.line(new IOException((String) null))).isEqualTo("IOException");
        assertThat(Excerpt.line(new IOException(" \n"))).isEqualTo("IOException");
        assertThat(Excerpt.line(new IOException("a\nb"))).isEqualTo("a");
    }

    @Test
    void oursIsToldAsItIs() {
        assertThat(ExitCode.message(new IOException(new DataException("a line"))))
                .isEqualTo("a line");
    }

    @Test
    void aDamagedFileIsNamedAndIsNoFaultOfOurs() {
        var damaged = new DamagedFileException("x/sweep.json", "expected JSON", new IOException("deep"));
        assertThat(ExitCode.message(new IllegalStateException(damaged)))
                .isEqualTo("x/sweep.json: is damaged: expected JSON");
        assertThat(ExitCode.of(new IllegalStateException(damaged))).isEqualTo(ExitCode.MODEL);
    }
}
