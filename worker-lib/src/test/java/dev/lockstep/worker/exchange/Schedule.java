package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.SimulatedCluster.Network;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What a simulated gang is, and what happens to it: drawn from a seed.
 *
 * @param parts of the shards, one for each member
 * @param order as {@link Gang}'s, or null
 * @param gangs that many, one after the other, in the same JVMs
 * @param emptyShards how many have no examples, of all
 * @param oddArithmetic whether one member would compute other bits
 * @param stopMillis when the driver asks to stop, or never; from the start of each gang, as all times are
 * @param deafMillis how long it takes at most until a task hears that it is to end
 */
record Schedule(
        long seed,
        int jvms,
        int shards,
        List<Span> parts,
        List<Integer> order,
        int parameters,
        int sliceLength,
        int steps,
        int gangs,
        double emptyShards,
        boolean oddArithmetic,
        long stopMillis,
        long deafMillis,
        Network network,
        List<Fault> faults) {
    static final long PATIENCE_MILLIS = 400;
    static final long NEVER = Long.MAX_VALUE / 4_000_000;

    /** Whom it meets and when. */
    record Fault(Kind kind, int gang, int attempt, int rank, int step, long millis, long forMillis) {}

    enum Kind {
        /** A member's own fault, at a step: -1 is before it meets the others, the last after all steps. */
        THROWS,
        /** The same, and it is the user's fault. */
        THROWS_DATA,
        /** Spark ends one task, for its own reasons. */
        PREEMPTED,
        /** Its JVM ends, connections with it. */
        LOST,
        /** Its JVM ends and nobody is told. */
        LOST_SILENTLY,
        /** A thread stands still so shortly that nobody is to mind. */
        HELD,
        /** A thread stands still for longer than the others wait. */
        FROZEN,
        /** A JVM stands still for longer than the others wait. */
        JVM_FROZEN,
        /** A member comes late, yet in time. */
        LATE,
        /** A member comes later than the others wait. */
        TOO_LATE,
        /** The driver gives up. */
        CLOSED
    }

    static Schedule of(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int members = 1 + Math.min(random.nextInt(6), random.nextInt(7));
        int jvms = 1 + random.nextInt(Math.min(members, 4));
        int shards = members + random.nextInt(10);
        boolean isLong = random.nextInt(50) == 0;
        int steps = isLong ? 40 + random.nextInt(40) : 1 + random.nextInt(6);
        int gangs = random.nextInt(4) == 0 ? 2 : 1;
        List<Integer> order = null;
        if (random.nextInt(3) == 0) {
            order = new ArrayList<>(IntStream.range(0, members).boxed().toList());
            Collections.shuffle(order, new Random(random.nextLong()));
        }
        List<Fault> faults = new ArrayList<>();
        int count = isLong ? 0 : Math.max(0, random.nextInt(6) - 2);
        for (int fault = 0; fault < count; fault++) {
            faults.add(new Fault(
                    Kind.values()[random.nextInt(Kind.values().length)],
                    random.nextInt(gangs),
                    Math.min(random.nextInt(3), random.nextInt(3)),
                    random.nextInt(members),
                    random.nextInt(steps + 2) - 1,
                    random.nextLong(60 + 40L * steps),
                    random.nextLong(1000)));
        }
        return new Schedule(
                seed,
                jvms,
                shards,
                parts(members, shards, random),
                order,
                1 + random.nextInt(40),
                1 + random.nextInt(20),
                steps,
                gangs,
                random.nextInt(2) == 0 ? 0 : random.nextDouble(),
                random.nextInt(50) == 0,
                isLong || random.nextInt(3) == 0 ? random.nextLong(40L * Math.min(steps, 6) + 100) : NEVER,
                random.nextInt(4) == 0 ? 2000 : 100,
                new Network(
                        random.nextInt(4) == 0 ? 50_000_000 : 2_000_000,
                        !isLong && random.nextInt(10) == 0 ? 0.01 : 0,
                        random.nextInt(2) == 0 ? 0.1 : 0),
                List.copyOf(faults));
    }

    private static List<Span> parts(int members, int shards, SplittableRandom random) {
        TreeSet<Integer> cuts = new TreeSet<>(List.of(0, shards));
        while (cuts.size() < members + 1) {
            cuts.add(1 + random.nextInt(shards));
        }
        List<Span> parts = new ArrayList<>();
        int from = 0;
        for (int cut : cuts.tailSet(1)) {
            parts.add(new Span(from, cut));
            from = cut;
        }
        return List.copyOf(parts);
    }

    /** Whether nothing happens to it but what happens every day. */
    boolean calm() {
        return faults.isEmpty() && network.lost() == 0 && !oddArithmetic;
    }

    /** A third of the gangs are audited. */
    Audit audit() {
        return seed % 3 == 0 ? new Audit(new SeedLaw(seed), 0.3) : Audit.NONE;
    }

    /** In half of the gangs members share what is done with a sum. */
    boolean shares() {
        return seed % 2 == 1;
    }

    /** Whether the step behind the last one gives what is no number, and so is added up but not taken. */
    boolean diverges() {
        return seed % 5 == 0;
    }

    int members() {
        return parts.size();
    }

    List<Fault> faults(int gang) {
        return faults.stream().filter(fault -> fault.gang() == gang).toList();
    }
}
