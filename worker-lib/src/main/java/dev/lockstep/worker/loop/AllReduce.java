package dev.lockstep.worker.loop;

import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.step.Colleagues;
import java.util.List;

/** How what the shards computed in a round becomes one sum, which all who take part are given. */
public interface AllReduce {

    /**
     * Adds up what all who take part computed in a round, along the tree.
     *
     * @param step the round's last
     * @param pieces the sums of the maximal subtrees of the caller's shards; changed, and read by nobody afterwards
     * @return the whole sum; its array is valid until the next call, and not to be changed
     */
    PartialSum allReduce(long step, List<PartialSum> pieces);

    /**
     * The seconds of the round just added up in which shards were computed.
     *
     * @param own those in which the caller computed shards
     */
    default double computing(double own) {
        return own;
    }

    /** With whom the caller shares each optimizer step; they are given the same sums. */
    default Colleagues colleagues() {
        return Colleagues.NONE;
    }

    /** Whether to end with the round just added up; all who take part are told the same. */
    boolean stopped();
}
