package dev.lockstep.worker.exchange;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Where the members of a team wait for each other, again and again. */
final class Meetings {
    private final Object team;
    private final Clock clock;
    private final int size;
    private final Map<Integer, Integer> had = new HashMap<>(); // guarded by the team
    private int arrived; // guarded by the team
    /** How many are over. Written under the lock, too. */
    private volatile long over;

    /**
     * @param team whose lock it takes
     * @param size how many meet
     */
    Meetings(Object team, Clock clock, int size) {
        this.team = team;
        this.clock = clock;
        this.size = size;
    }

    /** Whether all members have had a thing, when one more has. */
    boolean isLast(int thing) {
        synchronized (team) {
            return had.merge(thing, 1, Integer::sum) == size;
        }
    }

    /** Waits until all members are here; the last one does something first. */
    void meet(Patience patience, Runnable last, String what) {
        long meeting;
        synchronized (team) {
            meeting = over;
            if (++arrived == size) {
                last.run();
                arrived = 0;
                over = meeting + 1;
                team.notifyAll();
            }
        }
        BooleanSupplier met = () -> over > meeting;
        clock.spin(size, met);
        patience.await(met, what);
    }
}
