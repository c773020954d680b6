package dev.lockstep.worker.exchange;

import dev.lockstep.worker.reduce.Span;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.TaskContext;

/**
 * Tasks that run at the same time and take every step together: what a task must know to join them. Made by a
 * {@link Coordinator}.
 */
public final class Gang implements Serializable {
    private static final long serialVersionUID = 1L;

    /** An executor had better own so many parameters: cut where norms allow it, fewer are dealt unevenly. */
    private static final int OWNED = 1 << 15;

    private final long id;
    private final Secret secret;
    private final int shards;
    private final List<Span> parts;
    private final List<Integer> order;
    private final long patienceMillis;
    private final Audit audit;
    private final int sharedFrom;
    private final int sliceLength;

    /**
     * @param id its number in the Spark application
     * @param shards of a global batch
     * @param parts of the shards, one for each task, in order
     * @param order which rank takes which part ({@link Seating#byExecutor}); null when any may take any: then that is
     *     settled when they meet
     * @param patienceMillis how long a member waits for another at least
     * @param audit which shards two tasks compute
     * @param sharedFrom how many parameters a model has whose optimizer steps executors share
     */
    Gang(
            long id,
            Secret secret,
            int shards,
            List<Span> parts,
            List<Integer> order,
            long patienceMillis,
            Audit audit,
            int sharedFrom) {
        this(id, secret, shards, parts, order, patienceMillis, audit, sharedFrom, ExchangePlan.SLICE_LENGTH);
    }

    /** @param sliceLength of the gradient, what one executor combines at a time at most */
    Gang(
            long id,
            Secret secret,
            int shards,
            List<Span> parts,
            List<Integer> order,
            long patienceMillis,
            Audit audit,
            int sharedFrom,
            int sliceLength) {
        this.id = id;
        this.secret = secret;
        this.shards = shards;
        this.parts = parts;
        this.order = order;
        this.patienceMillis = patienceMillis;
        this.audit = audit;
        this.sharedFrom = sharedFrom;
        this.sliceLength = sliceLength;
    }

    /**
     * Runs work as the member whose rank is the task's partition. When it fails, so does the gang, and the driver hears why.
     *
     * @param work gets itself ready, {@linkplain Member#meet meets} the others, and takes the steps
     * @throws GangBrokenException when another member fails or is lost
     */
    public <R> R join(TaskContext task, Function<Member, R> work) {
        return join(
                new Member(
                        this, task.partitionId(), task.stageAttemptNumber(), task::isInterrupted, Endpoint.ofThisJvm()),
                work);
    }

    static <R> R join(Member member, Function<Member, R> work) {
        try {
            R result = work.apply(member);
            member.leave();
            return result;
        } catch (RuntimeException | Error e) {
            member.fail(e);
            throw e;
        }
    }

    /** What the driver's RPC endpoint of this gang is called. */
    String coordinator() {
        return "lockstep-gang-" + id;
    }

    /** Its number in the Spark application. */
    public long id() {
        return id;
    }

    Secret secret() {
        return secret;
    }

    /** How many tasks it has. */
    public int size() {
        return parts.size();
    }

    long patienceMillis() {
        return patienceMillis;
    }

    Audit audit() {
        return audit;
    }

    /** Whether each task can look up every example, not only its own. */
    boolean everywhere() {
        return order == null;
    }

    /** Whether executors share each optimizer step where it can be. */
    boolean isShared(int executors, int parameters) {
        return executors > 1
                && parameters >= sharedFrom
                && parameters >= (long) executors * Math.min(sharedFrom, OWNED);
    }

    /**
     * Who adds up what, once it is known where all of them are; see {@link ExchangePlan}.
     *
     * @param borders where slices may begin and end
     */
    ExchangePlan plan(List<List<Span>> executors, int parameters, int sums, List<Integer> borders) {
        return new ExchangePlan(shards, executors, parameters, sums, sliceLength, borders);
    }

    /**
     * The shards of each rank, once it is known where all of them are.
     *
     * @param paces of each rank's executor
     */
    List<Span> shards(List<String> executors, List<Pace> paces) {
        List<Integer> ranks = order == null ? Seating.byExecutor(executors) : order;
        List<Span> dealt = order == null ? parts(ranks, executors, paces) : parts;
        Span[] ofRank = new Span[ranks.size()];
        for (int part = 0; part < ofRank.length; part++) {
            ofRank[ranks.get(part)] = dealt.get(part);
        }
        return List.of(ofRank);
    }

    /** Where any task may take any shard, a slow executor gets fewer of them. */
    private List<Span> parts(List<Integer> ranks, List<String> executors, List<Pace> paces) {
        List<String> seated = ranks.stream().map(executors::get).toList();
        List<String> each = seated.stream().distinct().toList();
        int[] tasks = new int[each.size()];
        int[] equal = new int[each.size()];
        for (int part = 0; part < parts.size(); part++) {
            int executor = each.indexOf(seated.get(part));
            tasks[executor]++;
            equal[executor] += parts.get(part).to() - parts.get(part).from();
        }
        List<Pace> known = each.stream()
                .map(executor -> paces.get(executors.indexOf(executor)))
                .toList();
        return Pace.deal(equal, tasks, known)
                .map(counts -> parts(counts, tasks))
                .orElse(parts);
    }

    /** Ranges one after the other, so many shards for each executor, of which each of its tasks has an even part. */
    private static List<Span> parts(int[] counts, int[] tasks) {
        List<Span> dealt = new ArrayList<>();
        int from = 0;
        for (int executor = 0; executor < counts.length; executor++) {
            for (int task = 0; task < tasks[executor]; task++) {
                int begin = from + counts[executor] * task / tasks[executor];
                dealt.add(new Span(begin, from + counts[executor] * (task + 1) / tasks[executor]));
            }
            from += counts[executor];
        }
        return dealt;
    }
}
