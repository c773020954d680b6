package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Transport.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The others' sums of a slice that this executor combines. Guarded by the team. */
final class Inbox {
    final List<SliceParts.Part> sums = new ArrayList<>();
    /** Whose sums are here, or are being copied, or were added up, and who wait. */
    final Reply[] senders;

    int arrived;
    long step = -1;
    /** The last step that was combined. */
    long done = -1;

    boolean stop;

    Inbox(int executors) {
        senders = new Reply[executors];
    }

    /**
     * The sums are added up now, and no longer here.
     *
     * @return whose they are, to be told nothing before that is done
     */
    Reply[] combined() {
        Reply[] those = senders.clone();
        Arrays.fill(senders, null);
        done = step;
        sums.clear();
        stop = false;
        return those;
    }

    /** They are added up; their senders still wait. */
    void await(Reply[] those) {
        System.arraycopy(those, 0, senders, 0, those.length);
    }

    static void refuse(Reply[] those, String why) {
        for (Reply sender : those) {
            if (sender != null) {
                sender.refuse(why);
            }
        }
    }

    void clear() {
        sums.clear();
        Arrays.fill(senders, null);
        arrived = 0;
        step = -1;
        stop = false;
    }

    /** Why an executor's sums of a step can't be taken now, or null. */
    String refusal(int from, long ofStep) {
        if (senders[from] != null) {
            return "sums of step " + ofStep + " from executor " + from + " are here already";
        } else if (ofStep <= done) {
            return "sums of step " + ofStep + " came after step " + done;
        } else if (step >= 0 && ofStep != step) {
            return "sums of step " + ofStep + " came amid step " + step;
        }
        return null;
    }
}
