package dev.lockstep.worker.exchange;

import dev.lockstep.worker.reduce.Span;
import java.io.Serializable;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.TaskContext;

/**
 * Tasks that run at the same time and take every step together. What a task must know to join them.
 *
 * @param id its number in the Spark application
 * @param host the driver's, where the members meet
 * @param port likewise
 * @param shards of a global batch
 * @param tasks the shards of each task, by rank
 * @param patienceMillis how long a member waits for another at least
 */
public record Gang(long id, String host, int port, int shards, List<Span> tasks, long patienceMillis)
        implements Serializable {

    /**
     * Runs work as the member whose rank is the task's partition. When it fails, so does the gang, and the driver hears why.
     *
     * @param work gets itself ready, {@linkplain Member#meet meets} the others, and takes the steps
     * @throws GangBrokenException when another member fails or is lost
     */
    public <R> R join(TaskContext task, Function<Member, R> work) {
        Member member = new Member(this, task);
        try {
            R result = work.apply(member);
            member.leave();
            return result;
        } catch (RuntimeException | Error e) {
            member.fail(e);
            throw e;
        }
    }
}
