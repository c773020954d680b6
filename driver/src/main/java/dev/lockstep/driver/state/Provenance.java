package dev.lockstep.driver.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What computed a state, as far as it is part of its bits ({@link dev.lockstep.worker.step.Replica#arithmetic()}).
 *
 * @param arithmetic of the last steps; null while nobody has computed any, and where others may go on
 * @param before of the steps before those, when somebody chose to let others go on; in order
 */
public record Provenance(String arithmetic, List<Stretch> before) {
    public static final Provenance NONE = new Provenance(null, List.of());

    /** Steps that one arithmetic computed. @param toStep how many steps were done then */
    public record Stretch(String arithmetic, long toStep) {}

    public Provenance {
        before = List.copyOf(before);
    }

    /** Where others may go on, whatever they compute with. */
    Provenance opened(long step) {
        if (arithmetic == null) {
            return this;
        }
        List<Stretch> all = new ArrayList<>(before);
        all.add(new Stretch(arithmetic, step));
        return new Provenance(null, all);
    }

    /** After steps by this arithmetic. */
    Provenance by(String now) {
        boolean same = arithmetic == null
                && !before.isEmpty()
                && Objects.equals(before.get(before.size() - 1).arithmetic(), now);
        return new Provenance(now, same ? before.subList(0, before.size() - 1) : before);
    }
}
