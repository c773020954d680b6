package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.ExchangePlan.Slice;
import dev.lockstep.worker.exchange.Transport.Reply;
import dev.lockstep.worker.model.ChunkSquares;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.GradientChunks;
import dev.lockstep.worker.model.GradientNorms;
import dev.lockstep.worker.step.Elements;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An executor's part in the optimizer steps that executors share: each takes the step for the slices that it owns alone.
 * Before, all must know what the whole gradient comes to: each tells one of them, the hub, what its chunks come to, and is
 * answered with the norms.
 */
final class SharedStep {
    private final Team team;
    private final Key key;
    private final ExchangePlan plan;
    private final List<Slice> slices;
    private final int self;
    private final GradientChunks chunks;
    private final Clipping clipping;
    private final int[] first; // chunks of executor i are [i, i + 1)
    private final int hub;
    private final ChunkSquares squares;
    private volatile Agreement agreement = new Agreement(-1, null, null);

    // Guarded by the team:
    private final Reply[] voters;
    private int voted;
    private long step = -1;

    /**
     * What all know of a step before it is taken.
     *
     * @param norms of the gradient's sum
     */
    record Agreement(long step, Total total, GradientNorms norms) {
        /** How long the answer is. */
        static int bytes(int sums, int layers) {
            return Reply.BYTES + Total.bytes(sums) + 1 + Double.BYTES + layers * (Integer.BYTES + Double.BYTES);
        }

        ByteBuffer answer(int sums) {
            Map<Integer, Double> squares = norms.squares();
            ByteBuffer answer = Reply.answer(ByteBuffer.allocate(bytes(sums, squares.size())));
            total.writeTo(answer);
            answer.put((byte) (norms.statisticsFinite() ? 1 : 0)).putDouble(norms.bounded());
            squares.forEach((layer, square) -> answer.putInt(layer).putDouble(square));
            return answer.flip();
        }

        static Agreement read(long step, ByteBuffer answer, int sums) {
            Total total = Total.read(answer, sums);
            boolean finite = answer.get() != 0;
            double bounded = answer.getDouble();
            Map<Integer, Double> squares = new TreeMap<>();
            while (answer.hasRemaining()) {
                squares.put(answer.getInt(), answer.getDouble());
            }
            return new Agreement(step, total, new GradientNorms(squares, bounded, finite));
        }
    }

    /** @param elements of a replica like all members' */
    SharedStep(Team team, Key key, ExchangePlan plan, int self, Elements elements) {
        this.team = team;
        this.key = key;
        this.plan = plan;
        this.slices = plan.slices();
        this.self = self;
        this.chunks = elements.chunks();
        this.clipping = elements.clipping();
        this.first = new int[plan.executors().size() + 1];
        slices.forEach(slice -> first[slice.owner() + 1] = chunkAt(slice.to()));
        for (int executor = 0; executor < plan.executors().size(); executor++) { // some own nothing
            first[executor + 1] = Math.max(first[executor], first[executor + 1]);
        }
        this.hub = slices.get(0).owner();
        this.squares = new ChunkSquares(chunks.count());
        this.voters = new Reply[plan.executors().size()];
    }

    /** The slices of all executors. */
    List<Slice> slices() {
        return slices;
    }

    boolean isOwn(Slice slice) {
        return slice.owner() == self;
    }

    /** Which chunk begins at an element; behind the parameters there are none. */
    private int chunkAt(int element) {
        int found = Collections.binarySearch(chunks.borders(), element);
        return found < 0 ? chunks.count() : found;
    }

    /** Works out what the chunks of an own slice come to, given its sum. */
    void square(Slice slice, float[] sum, double weight) {
        int from = chunkAt(slice.from());
        chunks.square(sum, slice.from(), from, chunkAt(slice.to()), clipping, weight, squares);
    }

    /**
     * Learns what the whole gradient comes to, when all own slices are added up.
     *
     * @param place the member's
     * @param known by this executor, if it owns a slice
     */
    Total agree(Patience patience, int place, long ofStep, Total known) {
        if (place == 0 && self == hub) {
            decide(patience, ofStep, known);
        } else if (place == 0) {
            int bytes = MessageKind.BYTES + Integer.BYTES + Long.BYTES + values(self) * Double.BYTES;
            Outgoing message = new Outgoing(
                    Math.max(bytes, Agreement.bytes(plan.sums(), chunks.count())),
                    () -> ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN),
                    memory -> write(ofStep, memory));
            team.requests()
                    .send(hub, message, place, answer -> agreement = Agreement.read(ofStep, answer, plan.sums()));
        }
        patience.await(() -> agreement.step() == ofStep, "what the gradient of step " + ofStep + " comes to");
        return agreement.total();
    }

    private void write(long ofStep, ByteBuffer message) {
        MessageKind.SQUARES.begin(key, message).putInt(self).putLong(ofStep);
        for (int chunk = first[self]; chunk < first[self + 1]; chunk++) {
            message.putDouble(squares.whole()[chunk]);
            if (clipping.isByNorm()) {
                message.putDouble(squares.bounded()[chunk]);
            }
        }
    }

    /** What the gradient of the step just added up comes to. */
    GradientNorms norms() {
        return agreement.norms();
    }

    private void decide(Patience patience, long ofStep, Total total) {
        patience.await(
                () -> voted == voters.length - 1,
                "what the other executors' part of the gradient of step " + ofStep + " comes to");
        Reply[] all;
        synchronized (team) {
            team.requireUnbroken();
            if (step != ofStep) {
                throw new IllegalStateException("squares of step " + step + " came at step " + ofStep);
            }
            all = voters.clone();
            Arrays.fill(voters, null);
            voted = 0;
            step = -1;
            agreement = new Agreement(ofStep, total, chunks.norms(squares, clipping));
            team.notifyAll();
        }
        ByteBuffer answer = agreement.answer(plan.sums());
        for (Reply voter : all) {
            if (voter != null) {
                voter.send(answer.duplicate());
            }
        }
    }

    private int values(int executor) {
        return (first[executor + 1] - first[executor]) * (clipping.isByNorm() ? 2 : 1);
    }

    /** What another executor's chunks come to. */
    void receive(ByteBuffer message, Reply reply) {
        synchronized (team) {
            if (team.failure() != null) {
                reply.refuse(team.failure());
            } else {
                receiveSquares(message.getInt(), message.getLong(), message, reply);
            }
        }
    }

    private void receiveSquares(int from, long ofStep, ByteBuffer message, Reply reply) {
        String what = "squares of step " + ofStep + " from executor " + from;
        if (self != hub || from < 0 || from >= voters.length || from == self) {
            reply.refuse(what + " are not for this executor");
        } else if (voters[from] != null) {
            reply.refuse(what + " are here already");
        } else if (ofStep <= agreement.step() || step >= 0 && step != ofStep) {
            reply.refuse(what + " came at step " + Math.max(step, agreement.step()));
        } else if (message.remaining() != values(from) * Double.BYTES) {
            reply.refuse(what + ": " + message.remaining() + " bytes, expected " + values(from) * Double.BYTES);
        } else {
            for (int chunk = first[from]; chunk < first[from + 1]; chunk++) {
                squares.whole()[chunk] = message.getDouble();
                if (clipping.isByNorm()) {
                    squares.bounded()[chunk] = message.getDouble();
                }
            }
            voters[from] = reply;
            step = ofStep;
            voted++;
            team.notifyAll();
        }
    }

    /** Tells all who wait for an answer that there will be none. The caller holds the team. */
    void refuse(String why) {
        Inbox.refuse(voters, why);
        Arrays.fill(voters, null);
    }
}
