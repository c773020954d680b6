package dev.lockstep.driver.run;

import java.io.IOException;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How {@code run.json} comes to say how a run ended, whatever ended it.
 *
 * @param lock that the run has on its folder, given back at its end
 * @param secondsBefore that it took until it was resumed
 * @param redacted takes the values of secrets out of a message
 */
public record RunEnd(RunFolder folder, FolderLock lock, double secondsBefore, UnaryOperator<String> redacted) {
    private static final Logger LOG = LoggerFactory.getLogger(RunEnd.class);

    /** Some work that ends as a run ends. */
    public interface Work<O> {
        O run() throws IOException;
    }

    /**
     * Does the work of a run.
     *
     * @param status of what comes of it
     * @param record what there is to say of the run by then
     */
    public <O> O recorded(Work<O> work, Function<O, RunRecord.Status> status, Supplier<RunRecord> record)
            throws IOException {
        long began = System.nanoTime();
        RunRecord.Status ended = RunRecord.Status.FAILED;
        int exitCode = ExitCode.FAULT;
        String message = null;
        try {
            O outcome = work.run();
            ended = status.apply(outcome);
            exitCode = ended == RunRecord.Status.INTERRUPTED ? ExitCode.INTERRUPTED : ExitCode.DONE;
            return outcome;
        } catch (IOException | RuntimeException | Error e) {
            exitCode = ExitCode.of(e);
            message = redacted.apply(ExitCode.message(e));
            ended = exitCode == ExitCode.DIVERGED ? RunRecord.Status.DIVERGED : RunRecord.Status.FAILED;
            throw e;
        } finally {
            double seconds = secondsBefore + (System.nanoTime() - began) / 1e9;
            write(
                    record,
                    new Ending(ended, exitCode, message, seconds, Instant.now().toString()));
            lock.close();
        }
    }

    /** A failure to write is logged, never thrown: it must not hide how the run itself ended. */
    private void write(Supplier<RunRecord> record, Ending ending) {
        if (!lock.isHeld()) {
            return; // the folder is gone, which the run's own failure says
        }
        try {
            lock.require();
            record.get().with(ending).write(folder);
        } catch (IOException | RuntimeException e) {
            LOG.error("cannot write the end of the run to {}: {}", folder.path(), e.toString());
        }
    }
}
