package dev.lockstep.worker.exchange;

import dev.lockstep.worker.loop.OwnShards;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * The shards that a member of an audited gang computes: its own, and first those of others that it audits. Keeps what they
 * gave, for the driver to compare.
 *
 * <p>A shard's auditor is a task of another executor where every task can look up every example; else another task of the
 * same executor; else, where examples are read as they come, the task itself, which finds out a fault that passes alone.
 */
final class AuditedShards implements OwnShards {
    private final Gang gang;
    private final int rank;
    private final List<Seat> seats;
    private final List<String> executors;
    private final Team team;
    private final PlacedExamples examples;
    private final PlantedFlips flips;

    private final List<Opinion> opinions = new ArrayList<>();
    private long step;
    private int audited;

    /**
     * Where a member is.
     *
     * @param place among those of its executor, from 0
     * @param shards that were dealt to it
     */
    record Seat(String executor, int place, Span shards) {}

    private record Opinion(int shard, byte[] digest) {}

    /**
     * @param seats of each rank
     * @param team of this member
     * @param examples of this member
     */
    AuditedShards(Gang gang, int rank, List<Seat> seats, Team team, PlacedExamples examples) {
        this.gang = gang;
        this.rank = rank;
        this.seats = seats;
        this.executors = seats.stream().map(Seat::executor).distinct().toList();
        this.team = team;
        this.examples = examples;
        this.flips = PlantedFlips.in(self().executor());
    }

    @Override
    public Iterator<Shard> ofRound(long first) {
        step = first;
        audited = 0;
        opinions.clear();
        Deque<Shard> others = new ArrayDeque<>();
        for (int owner = 0; owner < seats.size(); owner++) {
            Span dealt = seats.get(owner).shards();
            for (int shard = dealt.from(); shard < dealt.to(); shard++) {
                if (isAudited(shard)) {
                    audited++;
                    if (owner != rank && auditor(owner, shard) == rank) {
                        others.add(again(
                                shard,
                                gang.everywhere()
                                        ? examples
                                        : team.queues()
                                                .examples(seats.get(owner).place())));
                    }
                }
            }
        }
        Iterator<Shard> own = team.queues().of(self().place(), this::isAudited);
        return audited == 0 ? own : with(others, own);
    }

    private boolean isAudited(int shard) {
        return gang.audit().includes(step, shard);
    }

    private Seat self() {
        return seats.get(rank);
    }

    private Iterator<Shard> with(Deque<Shard> again, Iterator<Shard> own) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !again.isEmpty() || own.hasNext();
            }

            @Override
            public Shard next() {
                if (!again.isEmpty()) {
                    return again.poll();
                }
                Shard shard = own.next();
                int number = shard.number();
                if (!isAudited(number)) {
                    return shard;
                }
                if (auditor(rank, number) == rank) {
                    again.add(again(number, shard.examples()));
                }
                return new Shard(
                        number,
                        shard.examples(),
                        sum -> {
                            flips.strike(step, number, sum);
                            hear(number).accept(sum);
                        },
                        false);
            }
        };
    }

    private Shard again(int number, PlacedExamples of) {
        return new Shard(number, of, hear(number), true);
    }

    private Consumer<PartialSum> hear(int shard) {
        return sum -> opinions.add(new Opinion(shard, Audit.digest(sum)));
    }

    /** Who computes a shard again; the same from the members that it matters to. */
    private int auditor(int owner, int shard) {
        Seat seat = seats.get(owner);
        if (gang.everywhere() && executors.size() > 1) {
            List<Integer> next = ranksOf(executors.get((executors.indexOf(seat.executor()) + 1) % executors.size()));
            return next.get(shard % next.size());
        }
        List<Integer> here = ranksOf(seat.executor());
        boolean readable = gang.everywhere() || seat.executor().equals(self().executor()) && isShared(seat);
        return readable ? here.get((seat.place() + 1) % here.size()) : owner;
    }

    private boolean isShared(Seat seat) {
        PlacedExamples of = team.queues().examples(seat.place());
        return of != null && of.shared();
    }

    private List<Integer> ranksOf(String executor) {
        List<Integer> ranks = new ArrayList<>();
        for (int other = 0; other < seats.size(); other++) {
            if (seats.get(other).executor().equals(executor)) {
                ranks.add(other);
            }
        }
        return ranks;
    }

    /**
     * What the driver is told of the round before it counts; null when it need not hear of this member. Rank 0, which tells
     * of the steps, says how many audits there are, so that it goes on when all are compared.
     */
    byte[] opinions() {
        if (audited == 0 || opinions.isEmpty() && rank > 0) {
            return null;
        }
        ByteBuffer message = ByteBuffer.allocate(
                        Long.BYTES + Integer.BYTES + opinions.size() * (Integer.BYTES + Audit.DIGEST_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(step)
                .putInt(rank == 0 ? audited : Audits.NOT_SAID);
        opinions.forEach(opinion -> message.putInt(opinion.shard()).put(opinion.digest()));
        return message.array();
    }
}
