package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.ExchangePlan.Slice;
import dev.lockstep.worker.exchange.Transport.Address;
import dev.lockstep.worker.exchange.Transport.Reply;
import dev.lockstep.worker.loop.OwnShards;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.tally.Tally;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The members of a gang that are in one JVM, and what they share: they add up in memory, each its part of the slices, and
 * together stand for their executor towards the others.
 *
 * <p>A step has two meetings. Between them the contributed sums and the result belong to this object, each slice of them
 * to one member; outside they are the members' to write and to read.
 */
final class Team implements Transport.Receiver {
    private final Endpoint endpoint;
    private final Key key;
    private final ExchangePlan plan;
    private final ReductionTree tree;
    private final List<Slice> slices;
    private final List<List<Span>> subtrees;
    private final int self;
    private final int size;
    /** What stands for a subtree whose shards are all empty. */
    private final Tally nothing;

    private final ShardQueues queues;
    private final SliceBuffers buffers;
    private final Inbox[] inboxes;
    private final AtomicReferenceArray<Replica> replicas; // of those who share their steps

    // Guarded by this:
    private final List<PartialSum> contributed = new ArrayList<>();
    private boolean stop;
    private int arrived;
    private int left;
    private String failure;

    /** Where the executors of the plan are; empty until all are ready. */
    private volatile List<Address> addresses = List.of();

    /** How many members are on this host. */
    private volatile int neighbours;

    private volatile Total total;
    /** The sum of the step just added up. */
    private volatile float[] sum;
    /** How many meetings are over. Written under the lock, too. */
    private volatile long meetings;

    /** How a member waits. */
    interface Patience {
        /**
         * Returns when a condition holds that the team guards.
         *
         * @param what is waited for
         * @throws RuntimeException when there is no point in waiting on
         */
        void await(BooleanSupplier condition, String what);
    }

    /**
     * @param self which executor of the plan this is
     */
    Team(Endpoint endpoint, Key key, ExchangePlan plan, int self) {
        this.endpoint = endpoint;
        this.key = key;
        this.plan = plan;
        this.tree = plan.tree();
        this.slices = plan.slices();
        this.subtrees = new ArrayList<>();
        for (int executor = 0; executor < plan.executors().size(); executor++) {
            subtrees.add(plan.subtrees(executor));
        }
        this.self = self;
        this.size = plan.executors().get(self).size();
        this.queues = new ShardQueues(endpoint.clock(), plan.executors().get(self));
        this.nothing = new Tally(0, 0, new double[plan.sums()]);
        this.buffers = endpoint.buffers(plan, self);
        this.inboxes = new Inbox[slices.size()];
        this.replicas = new AtomicReferenceArray<>(size);
        this.sum = subtrees.size() == 1 ? null : buffers.result();
        for (Slice slice : slices) {
            if (slice.owner() == self) {
                inboxes[slice.number()] = new Inbox(subtrees.size());
            }
        }
    }

    /** @param all where each executor of the plan is; from every member the same */
    void connect(List<Address> all) {
        addresses = all;
        String here = all.get(self).host();
        neighbours = IntStream.range(0, all.size())
                .filter(executor -> all.get(executor).host().equals(here))
                .map(executor -> plan.executors().get(executor).size())
                .sum();
    }

    /** Takes note of a member's examples, before anybody computes. */
    void hold(int place, PlacedExamples examples) {
        queues.hold(place, examples);
    }

    /**
     * The shards of the next step that a member computes.
     *
     * @param kept which shards stay with the member that they were dealt to
     */
    Iterator<OwnShards.Shard> shards(int place, IntPredicate kept) {
        return queues.of(place, kept);
    }

    /** The examples of a member's shards. */
    PlacedExamples examples(int place) {
        return queues.examples(place);
    }

    /**
     * Adds up a step with all other members.
     *
     * @param patience the member's
     * @param place of the member in this team, from 0
     * @param pieces the sums of the shards that it computed; they are spent then
     * @param stopping whether this member wants this to be the last step
     * @return the whole sum; its array is valid until this member asks for the next one
     */
    PartialSum allReduce(Patience patience, int place, long step, List<PartialSum> pieces, boolean stopping) {
        synchronized (this) {
            contributed.addAll(pieces);
            stop |= stopping;
        }
        meet(patience, () -> {}, "the other tasks of this executor to compute step " + step);
        Answers answers = new Answers();
        for (int i = place; i < slices.size(); i += size) {
            if (slices.get(i).owner() != self) {
                send(slices.get(i), step, answers);
            }
        }
        for (int i = place; i < slices.size(); i += size) {
            if (slices.get(i).owner() == self) {
                combine(slices.get(i), step, patience);
            }
        }
        patience.await(() -> answers.missing == 0, "the sums of step " + step + " from the other executors");
        meet(patience, this::clear, "the other tasks of this executor to add up step " + step);
        return new PartialSum(new Span(0, plan.shards()), sum, total.tally());
    }

    /**
     * Those of this team, when they share what is done with a sum; to be asked for by all of them or by none, before the
     * first.
     *
     * @param patience of the member
     * @param own its place in this team, from 0
     * @param replica its own, which the others read
     */
    Colleagues colleagues(Patience patience, int own, Replica replica) {
        replicas.set(own, replica);
        return new TeamColleagues(
                replicas, own, what -> meet(patience, () -> {}, "the other tasks of this executor to " + what));
    }

    /** Whether nobody reads a sum any more when somebody's arrays are used again. */
    private boolean isSumShortLived() {
        return replicas.get(0) != null;
    }

    private void clear() {
        contributed.clear();
        queues.refill();
    }

    /** Whether the step just added up is the last one; the same for every member of the gang. */
    boolean stopped() {
        return total.stop();
    }

    /** As {@link Clock#await}, for a condition that this team guards. */
    boolean await(BooleanSupplier condition, long millis) throws InterruptedException {
        return endpoint.await(key, this, condition, millis, neighbours);
    }

    /** Waits until all members of this team are here; the last one does something first. */
    private void meet(Patience patience, Runnable last, String what) {
        long meeting;
        synchronized (this) {
            meeting = meetings;
            if (++arrived == size) {
                last.run();
                arrived = 0;
                meetings = meeting + 1;
                notifyAll();
            }
        }
        BooleanSupplier met = () -> meetings > meeting;
        endpoint.clock().spin(size, met);
        patience.await(met, what);
    }

    /** How many answers a member still waits for. Guarded by the team. */
    private static final class Answers {
        private int missing;
    }

    private void send(Slice slice, long step, Answers answers) {
        List<PartialSum> sums = tree.combine(contributed, subtrees.get(self), slice.from(), slice.to());
        boolean last = stop;
        Outgoing message = new Outgoing(buffers.capacity(slice), () -> buffers.outgoing(slice), memory -> {
            new SliceHeader(self, slice.number(), step, last).writeTo(key.writeTo(memory));
            write(memory, sums, slice);
        });
        synchronized (this) {
            answers.missing++;
        }
        endpoint.send(key, addresses.get(slice.owner()), message, new Transport.Answer() {
            @Override
            public void arrived(ByteBuffer answer) {
                total = Total.read(answer, plan.sums());
                answer.asFloatBuffer().get(buffers.result(), slice.from(), slice.length());
                synchronized (Team.this) {
                    answers.missing--;
                    Team.this.notifyAll();
                }
            }

            @Override
            public void failed(String why) {
                fail(why);
            }
        });
    }

    private void write(ByteBuffer message, List<PartialSum> sums, Slice slice) {
        int next = 0;
        for (Span subtree : subtrees.get(self)) {
            // Where shards are empty, a sum has the span of the part that is not.
            boolean there = next < sums.size() && sums.get(next).span().from() < subtree.to();
            (there ? sums.get(next++).tally() : nothing).writeTo(message);
        }
        for (PartialSum sum : sums) {
            SliceParts.put(message, sum.gradient(), slice.from(), slice.length());
        }
    }

    private void combine(Slice slice, long step, Patience patience) {
        List<PartialSum> own = tree.combine(contributed, subtrees.get(self), slice.from(), slice.to());
        if (subtrees.size() == 1) {
            PartialSum whole = own.get(0);
            if (isSumShortLived()) {
                sum = whole.gradient(); // every member has found the same array
            } else {
                System.arraycopy(whole.gradient(), slice.from(), buffers.result(), slice.from(), slice.length());
                sum = buffers.result();
            }
            total = new Total(whole.tally(), stop);
            return;
        }
        Inbox inbox = inboxes[slice.number()];
        patience.await(() -> inbox.arrived == subtrees.size() - 1, "the other executors' sums of step " + step);
        List<SliceParts.Part> parts = new ArrayList<>();
        own.forEach(sum -> parts.add(SliceParts.Part.of(sum, slice.from(), slice.length())));
        Reply[] senders;
        boolean stopping;
        synchronized (this) {
            if (inbox.step != step) {
                throw new IllegalStateException("sums of step " + inbox.step + " came at step " + step);
            }
            parts.addAll(inbox.sums);
            senders = inbox.senders.clone();
            stopping = inbox.stop | stop;
            inbox.clear();
            inbox.done = step;
        }
        float[] result = buffers.result();
        Total whole = new Total(new SliceParts(tree, parts).addUp(result, slice.from(), slice.length()), stopping);
        total = whole;
        // All who will read this have read the last one: they have sent this step's sums since.
        Outgoing answer = new Outgoing(buffers.capacity(slice), () -> buffers.outgoing(slice), memory -> {
            whole.writeTo(Reply.begin(memory));
            SliceParts.put(memory, result, slice.from(), slice.length());
        });
        for (int executor = 0; executor < senders.length; executor++) {
            if (executor != self) {
                senders[executor].send(answer);
            }
        }
    }

    /** Another executor's sums of one slice. */
    @Override
    public void receive(ByteBuffer message, Reply reply) {
        SliceHeader header = SliceHeader.read(message);
        int from = header.executor();
        int number = header.slice();
        Inbox inbox = number >= 0 && number < inboxes.length ? inboxes[number] : null;
        if (inbox == null || from < 0 || from >= subtrees.size() || from == self) {
            reply.refuse("slice " + number + " from executor " + from + " is not this executor's");
            return;
        }
        Slice slice = slices.get(number);
        Tally[] tallies = new Tally[subtrees.get(from).size()];
        int sums = 0;
        for (int i = 0; i < tallies.length; i++) {
            tallies[i] = Tally.read(message, plan.sums());
            sums += tallies[i].examples() > 0 ? 1 : 0;
        }
        FloatBuffer floats = message.asFloatBuffer();
        if (floats.remaining() != sums * slice.length()) {
            reply.refuse("slice " + number + " from executor " + from + " has " + floats.remaining()
                    + " values, expected " + sums + " times " + slice.length());
            return;
        }
        synchronized (this) {
            String why = failure != null ? failure : inbox.refusal(from, header.step());
            if (why != null) {
                reply.refuse(why);
                return;
            }
            inbox.senders[from] = reply;
            inbox.step = header.step();
        }
        // Outside the lock, so that slices of several executors are copied at once: nobody else writes here now.
        List<SliceParts.Part> parts = new ArrayList<>();
        for (int i = 0; i < tallies.length; i++) {
            if (tallies[i].examples() > 0) {
                FloatBuffer values = floats.slice(parts.size() * slice.length(), slice.length());
                SliceParts.Part part = new SliceParts.Part(subtrees.get(from).get(i), tallies[i], values);
                parts.add(reply.keepsMessage() ? part : part.copy(buffers.incoming(slice, from)[i]));
            }
        }
        synchronized (this) {
            if (failure == null) { // or else this sender was told already
                inbox.stop |= header.stop();
                inbox.sums.addAll(parts);
                inbox.arrived++;
                notifyAll();
            }
        }
    }

    /** Ends the gang for all its members: those here at their next look, those elsewhere by the answers they wait for. */
    synchronized void fail(String why) {
        if (failure == null) {
            failure = why;
            for (Inbox inbox : inboxes) {
                if (inbox != null) {
                    for (Reply sender : inbox.senders) {
                        if (sender != null) {
                            sender.refuse(why);
                        }
                    }
                    inbox.clear();
                }
            }
            endpoint.withdraw(key); // the memory, too, in which those were told
            notifyAll();
        }
    }

    /** Why the gang cannot go on, or null. */
    synchronized String failure() {
        return failure;
    }

    /** A member is done with this object. After the last one nobody can reach it any more. */
    synchronized void leave() {
        if (++left == size && failure == null) {
            endpoint.keep(new Pace(key.gang(), queues.speed()));
            boolean quiet = Arrays.stream(inboxes).allMatch(inbox -> inbox == null || inbox.step < 0);
            fail("the gang is done");
            if (quiet) {
                endpoint.keep(buffers);
            }
        }
    }
}
