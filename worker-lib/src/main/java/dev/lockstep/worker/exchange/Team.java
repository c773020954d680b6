package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.ExchangePlan.Slice;
import dev.lockstep.worker.exchange.Transport.Reply;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.Elements;
import dev.lockstep.worker.tally.Tally;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The members of a gang that are in one JVM, and what they share: they add up in memory, each its part of the slices, and
 * together stand for their executor towards the others.
 *
 * <p>A step has two meetings. Between them the contributed sums and the result belong to this object, each slice of them
 * to one member; outside they are the members' to write and to read. Where executors share steps there is a third one: until then
 * the result's own slices are of those who step them, and the others' parameters arrive in the rest.
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

    private final Meetings meetings;
    private final Requests requests;
    private final ShardQueues queues;
    private final SliceBuffers buffers;
    private final Inbox[] inboxes;
    private final AtomicReferenceArray<Elements> replicas; // of those who share their steps
    private final SharedStep shared; // null where executors do not share

    // Guarded by this:
    private final List<PartialSum> contributed = new ArrayList<>();
    private boolean stop;
    private int left;
    private String failure;

    private volatile Total total;
    /** The sum of the step just added up. */
    private volatile float[] sum;

    /**
     * @param self which executor of the plan this is
     * @param shared of a replica like all members', where executors share each optimizer step; else null
     */
    Team(Endpoint endpoint, Key key, ExchangePlan plan, int self, Elements shared) {
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
        this.requests = new Requests(this, endpoint, key, plan, size);
        this.meetings = new Meetings(this, endpoint.clock(), size);
        this.queues = new ShardQueues(endpoint.clock(), plan.executors().get(self));
        this.nothing = new Tally(0, 0, new double[plan.sums()]);
        this.buffers = endpoint.buffers(plan, self);
        this.inboxes = new Inbox[slices.size()];
        this.replicas = new AtomicReferenceArray<>(size);
        this.shared = shared == null ? null : new SharedStep(this, key, plan, self, shared);
        this.sum = subtrees.size() == 1 ? null : buffers.result();
        for (Slice slice : slices) {
            if (slice.owner() == self) {
                inboxes[slice.number()] = new Inbox(subtrees.size());
            }
        }
    }

    /** To other executors. */
    Requests requests() {
        return requests;
    }

    /** Who computes what. */
    ShardQueues queues() {
        return queues;
    }

    /** Where its members meet. */
    Meetings meetings() {
        return meetings;
    }

    /** What executors share each optimizer step by; null where they do not. */
    SharedStep shared() {
        return shared;
    }

    /** The whole sum; where executors share the step, of own slices, and then the parameters after it. */
    float[] result() {
        return buffers.result();
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
        meet(patience, () -> {}, "compute step " + step);
        for (int i = place; i < slices.size(); i += size) {
            if (slices.get(i).owner() != self) {
                sendSums(slices.get(i), step, place);
            }
        }
        for (int i = place; i < slices.size(); i += size) {
            if (slices.get(i).owner() == self) {
                combine(slices.get(i), step, patience);
            }
        }
        if (shared == null) {
            requests.await(patience, place, "the sums of step " + step + " from the other executors");
        }
        meet(patience, this::clear, "add up step " + step);
        if (shared != null) {
            total = shared.agree(patience, place, step, total);
        }
        return new PartialSum(new Span(0, plan.shards()), sum, total.tally());
    }

    /**
     * Those of this team, when they share what is done with a sum; to be asked for by all of them or by none, before the
     * first.
     *
     * @param patience of the member
     * @param own its place in this team, from 0
     * @param elements of its own replica, which the others read
     */
    Colleagues colleagues(Patience patience, int own, Elements elements) {
        replicas.set(own, elements);
        Colleagues here = new TeamColleagues(replicas, own, what -> meet(patience, () -> {}, what));
        return shared == null ? here : new SharedColleagues(here, this, shared, patience);
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

    private void meet(Patience patience, Runnable last, String what) {
        meetings.meet(patience, last, "the other tasks of this executor to " + what);
    }

    private void sendSums(Slice slice, long step, int place) {
        List<PartialSum> sums = tree.combine(contributed, subtrees.get(self), slice.from(), slice.to());
        boolean last = stop;
        Outgoing message = new Outgoing(buffers.capacity(slice), () -> buffers.outgoing(slice), memory -> {
            new SliceHeader(self, slice.number(), step, last).writeTo(MessageKind.SUMS.begin(key, memory));
            write(memory, sums, slice);
        });
        requests.send(slice.owner(), message, place, answer -> {
            if (shared == null) {
                total = Total.read(answer, plan.sums());
            }
            if (answer.hasRemaining()) { // parameters do not come when the step is not taken
                answer.asFloatBuffer().get(buffers.result(), slice.from(), slice.length());
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
        boolean stopping;
        Reply[] senders; // nobody tells them anything while what they sent is read: the answer takes its place
        synchronized (this) {
            requireUnbroken();
            if (inbox.step != step) {
                throw new IllegalStateException("sums of step " + inbox.step + " came at step " + step);
            }
            parts.addAll(inbox.sums);
            stopping = inbox.stop | stop;
            senders = inbox.combined();
        }
        Tally tally;
        try {
            tally = new SliceParts(tree, parts).addUp(buffers.result(), slice.from(), slice.length());
        } finally {
            await(inbox, senders);
        }
        total = new Total(tally, stopping);
        if (shared == null) {
            answerWithResult(slice, total);
        } else {
            shared.square(slice, buffers.result(), tally.weight());
        }
    }

    /** Lets those whose sums were added up wait for the answer; when the gang has failed meanwhile, that is it. */
    private synchronized void await(Inbox inbox, Reply[] senders) {
        if (failure == null) {
            inbox.await(senders);
        } else {
            Inbox.refuse(senders, failure);
        }
    }

    /**
     * Answers all who sent their sums of an own slice with what the result holds of it.
     *
     * @param first what comes before it; null for nothing
     */
    void answerWithResult(Slice slice, Total first) {
        // All who will read this have read the last one: they have sent this step's sums since.
        answer(slice, new Outgoing(buffers.capacity(slice), () -> buffers.outgoing(slice), memory -> {
            Reply.begin(memory);
            if (first != null) {
                first.writeTo(memory);
            }
            SliceParts.put(memory, buffers.result(), slice.from(), slice.length());
        }));
    }

    /** Answers those, if any, who sent their sums of an own slice and still wait. */
    void answer(Slice slice, Outgoing answer) {
        Reply[] senders;
        synchronized (this) {
            Inbox inbox = inboxes[slice.number()];
            senders = inbox.senders.clone();
            inbox.clear();
        }
        for (Reply sender : senders) {
            if (sender != null) {
                sender.send(answer);
            }
        }
    }

    @Override
    public void receive(ByteBuffer message, Reply reply) {
        MessageKind kind = MessageKind.of(message.get());
        if (kind == MessageKind.SUMS) {
            receiveSums(message, reply);
        } else if (shared != null) {
            shared.receive(message, reply);
        } else {
            reply.refuse("steps are not shared between executors");
        }
    }

    /** Another executor's sums of one slice. */
    private void receiveSums(ByteBuffer message, Reply reply) {
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
                    Inbox.refuse(inbox.senders, why);
                    inbox.clear();
                }
            }
            if (shared != null) {
                shared.refuse(why);
            }
            endpoint.withdraw(key, why); // the memory, too, in which those were told
            notifyAll();
        }
    }

    /** Why the gang cannot go on, or null. */
    synchronized String failure() {
        return failure;
    }

    /** The caller holds this object. */
    void requireUnbroken() {
        if (failure != null) {
            throw new GangBrokenException(failure);
        }
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
