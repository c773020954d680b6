package dev.lockstep.driver.report;

import java.util.ArrayList;
import java.util.List;

/** Of many that come one by one, some that lie evenly, the first and the last among them: all while they are few. */
final class EvenSample<T> {
    private final int most;
    private List<T> kept = new ArrayList<>();
    private long apart = 1;
    private long seen;
    private T last;

    /** @param most even */
    EvenSample(int most) {
        this.most = most;
    }

    void add(T each) {
        if (seen % apart == 0) {
            if (kept.size() == most) {
                halve();
            }
            kept.add(each);
        }
        seen++;
        last = each;
    }

    private void halve() {
        List<T> half = new ArrayList<>();
        for (int i = 0; i < kept.size(); i += 2) {
            half.add(kept.get(i));
        }
        kept = half;
        apart *= 2;
    }

    /** At most one more than {@code most}. */
    List<T> list() {
        List<T> all = new ArrayList<>(kept);
        if ((seen - 1) % apart != 0) {
            all.add(last);
        }
        return all;
    }
}
