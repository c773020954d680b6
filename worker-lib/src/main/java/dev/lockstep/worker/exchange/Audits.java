package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Dispute.Opinion;
import dev.lockstep.worker.exchange.Transport.Reply;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What two tasks each say of a shard of an attempt, compared: whoever tells of a round hears, when all of its audits came
 * out equal, that it may count. Guarded by the coordinator.
 */
final class Audits {
    /** In the place of a round's number of audits, from all but rank 0. */
    static final int NOT_SAID = -1;

    private final Map<Long, Round> rounds = new TreeMap<>();
    private long done = -1;

    /** What is known of a round. */
    private static final class Round {
        private final Map<Integer, Opinion> one = new TreeMap<>();
        private final Set<Integer> told = new HashSet<>();
        private final List<Reply> waiting = new ArrayList<>();
        private int expected = NOT_SAID;
        private int equal;
    }

    /**
     * Takes what {@link AuditedShards#opinions} says.
     *
     * @param attendees by rank
     * @return what came out unequal, or null
     */
    Dispute take(int rank, List<Attendee> attendees, ByteBuffer message, Reply reply) {
        long step = message.getLong();
        int expected = message.getInt();
        Round round = step <= done ? null : rounds.computeIfAbsent(step, any -> new Round());
        if (round == null || !round.told.add(rank)) {
            reply.refuse("rank " + rank + " has told of the audits of step " + step + " already");
            return null;
        }
        round.waiting.add(reply);
        if (expected != NOT_SAID) {
            round.expected = expected;
        }
        while (message.hasRemaining()) {
            int shard = message.getInt();
            byte[] digest = new byte[Audit.DIGEST_BYTES];
            message.get(digest);
            Attendee here = attendees.get(rank);
            Opinion other = new Opinion(
                    rank, here.executor(), here.host(), HexFormat.of().formatHex(digest));
            Opinion one = round.one.putIfAbsent(shard, other);
            if (one != null && !one.digest().equals(other.digest())) {
                return new Dispute(step, shard, one, other);
            }
            round.equal += one == null ? 0 : 1;
        }
        if (round.equal == round.expected) {
            round.waiting.forEach(
                    waiting -> waiting.send(Reply.answer(ByteBuffer.allocate(1)).flip()));
            rounds.remove(step);
            done = step;
        }
        return null;
    }

    /** Nothing told so far will be compared. */
    void dismiss(String why) {
        rounds.values().forEach(round -> round.waiting.forEach(waiting -> waiting.refuse(why)));
        rounds.clear();
        done = -1;
    }
}
