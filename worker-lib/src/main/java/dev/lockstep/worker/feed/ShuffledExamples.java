package dev.lockstep.worker.feed;

import dev.lockstep.worker.plan.PlacedExamples;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a task was sent.
 *
 * @param places ascending
 * @param packed the example of each place
 */
public record ShuffledExamples(long[] places, byte[][] packed) implements PlacedExamples {

    /** Of a task's parcels, in any order. */
    public static ShuffledExamples of(Iterator<Parcel> parcels) {
        Map<Long, byte[]> all = new TreeMap<>();
        parcels.forEachRemaining(parcel -> parcel.unpack(all));
        return new ShuffledExamples(Parcel.placesOf(all), all.values().toArray(byte[][]::new));
    }

    @Override
    public List<byte[]> between(long from, long to) {
        return Arrays.asList(packed).subList(lowerBound(from), lowerBound(to));
    }

    private int lowerBound(long place) {
        int found = Arrays.binarySearch(places, place);
        return found >= 0 ? found : -found - 1;
    }
}
