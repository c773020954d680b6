package dev.lockstep.worker.feed;

import dev.lockstep.worker.plan.PlacedExamples;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Some of the examples that a task was sent.
 *
 * @param places ascending
 * @param packed the example of each place
 */
record ShuffledExamples(long[] places, byte[][] packed) implements PlacedExamples {

    /** Parcels, in any order. */
    static final class Collected {
        private final Map<Long, byte[]> all = new TreeMap<>();

        void add(Parcel parcel) {
            parcel.unpack(all);
        }

        ShuffledExamples inOrder() {
            return new ShuffledExamples(Parcel.placesOf(all), all.values().toArray(byte[][]::new));
        }
    }

    @Override
    public List<byte[]> between(long from, long to) {
        return Arrays.asList(packed).subList(lowerBound(from), lowerBound(to));
    }

    private int lowerBound(long place) {
        int found = Arrays.binarySearch(places, place);
        return found >= 0 ? found : -found - 1;
    }

    @Override
    public boolean shared() {
        return true;
    }
}
