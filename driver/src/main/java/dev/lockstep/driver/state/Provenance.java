package dev.lockstep.driver.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What computed a state, as far as it is part of its bits ({@link dev.lockstep.worker.step.Replica#arithmetic()}).
 *
 * @param arithmetic of the last steps; null while nobody has computed any, and where others may go on
 * @param before of the steps before those, when somebody chose to let others go on; in order
 * @param faults what audits found, in order; the steps were taken again
 */
public record Provenance(String arithmetic, List<Stretch> before, List<Fault> faults) {
    public static final Provenance NONE = new Provenance(null, List.of(), List.of());

    /** Steps that one arithmetic computed. @param toStep how many steps were done then */
    public record Stretch(String arithmetic, long toStep) {}

    /**
     * A shard that an executor computed wrongly.
     *
     * @param executor Spark's name of it; with its host null when it is not known which one was wrong
     */
    public record Fault(long step, int shard, String executor, String host) {}

    public Provenance {
        before = List.copyOf(before);
        faults = List.copyOf(faults);
    }

    /** After an audit. */
    public Provenance with(Fault fault) {
        List<Fault> all = new ArrayList<>(faults);
        all.add(fault);
        return new Provenance(arithmetic, before, all);
    }

    /** Where others may go on, whatever they compute with. */
    Provenance opened(long step) {
        if (arithmetic == null) {
            return this;
        }
        List<Stretch> all = new ArrayList<>(before);
        all.add(new Stretch(arithmetic, step));
        return new Provenance(null, all, faults);
    }

    /** After steps by this arithmetic. */
    Provenance by(String now) {
        boolean same = arithmetic == null
                && !before.isEmpty()
                && Objects.equals(before.get(before.size() - 1).arithmetic(), now);
        return new Provenance(now, same ? before.subList(0, before.size() - 1) : before, faults);
    }
}
