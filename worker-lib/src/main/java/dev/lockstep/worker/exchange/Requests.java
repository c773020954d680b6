package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.Transport.Address;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** What the members of a team ask other executors, and how many answers each still waits for. */
final class Requests {
    private final Team team;
    private final Endpoint endpoint;
    private final Key key;
    private final ExchangePlan plan;
    private final int[] missing; // of the member at a place; guarded by the team
    /** Where the executors of the plan are; empty until all are ready. */
    private volatile List<Address> addresses = List.of();
    /** How many members are on this host. */
    private volatile int neighbours;

    /** @param size how many members there are */
    Requests(Team team, Endpoint endpoint, Key key, ExchangePlan plan, int size) {
        this.team = team;
        this.endpoint = endpoint;
        this.key = key;
        this.plan = plan;
        this.missing = new int[size];
    }

    /**
     * @param all where each executor of the plan is; from every member the same
     * @param self which of them this is
     */
    void connect(List<Address> all, int self) {
        addresses = all;
        String here = all.get(self).host();
        neighbours = IntStream.range(0, all.size())
                .filter(executor -> all.get(executor).host().equals(here))
                .map(executor -> plan.executors().get(executor).size())
                .sum();
    }

    /** As {@link Clock#await}, for a condition that the team guards. */
    boolean await(BooleanSupplier condition, long millis) throws InterruptedException {
        return endpoint.await(key, team, condition, millis, neighbours);
    }

    /**
     * Sends a message to another executor; when that fails, so does the team.
     *
     * @param place of the member that waits for the answer
     * @param arrived told of the answer, on a thread of the network
     */
    void send(int executor, Outgoing message, int place, Consumer<ByteBuffer> arrived) {
        synchronized (team) {
            missing[place]++;
        }
        endpoint.send(key, addresses.get(executor), message, new Transport.Answer() {
            @Override
            public void arrived(ByteBuffer answer) {
                arrived.accept(answer);
                synchronized (team) {
                    missing[place]--;
                    team.notifyAll();
                }
            }

            @Override
            public void failed(String why) {
                team.fail(why);
            }
        });
    }

    /** Waits until all that the member at a place has sent is answered. */
    void await(Patience patience, int place, String what) {
        patience.await(() -> missing[place] == 0, what);
    }
}
