package dev.lockstep.worker.picture;

import java.util.ArrayList;
import java.util.List;

/**
 * What a JPEG says of itself.
 *
 * @param across the most samples that a component has across in a unit
 * @param unitsAcross units of {@code 8 across x 8 down} pixels
 */
record JpegFrame(
        int width,
        int height,
        boolean progressive,
        int across,
        int down,
        int unitsAcross,
        int unitsDown,
        List<JpegComponent> components) {
    private static final int MOST_SAMPLING = 4;

    /**
     * A component as the header has it.
     *
     * @param across how many samples it has across in a unit
     * @param table its quantisation's
     */
    record Told(int id, int across, int down, int table) {
        Told {
            if (across < 1 || across > MOST_SAMPLING || down < 1 || down > MOST_SAMPLING) {
                throw new BadPicture("a component is sampled %d x %d: expected 1 to %d", across, down, MOST_SAMPLING);
            }
        }
    }

    /** Takes memory for the samples, if so many can be in a file of that length. */
    static JpegFrame of(int width, int height, boolean progressive, List<Told> told, int length) {
        int across = told.stream().mapToInt(Told::across).max().orElseThrow();
        int down = told.stream().mapToInt(Told::down).max().orElseThrow();
        int unitsAcross = up(width, 8 * across);
        int unitsDown = up(height, 8 * down);
        List<JpegComponent> components = new ArrayList<>();
        long blocks = 0;
        for (Told component : told) {
            if (across % component.across != 0 || down % component.down != 0) {
                throw new BadPicture(
                        "a component is sampled %d x %d of %d x %d: expected whole shares",
                        component.across, component.down, across, down);
            }
            JpegComponent next = new JpegComponent(
                    component,
                    up(width * component.across, across),
                    up(height * component.down, down),
                    unitsAcross,
                    unitsDown);
            components.add(next);
            blocks += (long) next.columns * next.rows;
        }
        // A block takes a bit of one scan or, of baseline, at least two.
        if (blocks > length * (progressive ? 8L : 4L)) {
            throw BadPicture.cutShort(
                    String.format("%d x %d pixels, which take %,d bytes or more", width, height, blocks / 8), length);
        }
        components.forEach(component -> component.allocate(progressive));
        return new JpegFrame(width, height, progressive, across, down, unitsAcross, unitsDown, List.copyOf(components));
    }

    private static int up(int value, int unit) {
        return (value + unit - 1) / unit;
    }

    JpegComponent component(int id) {
        return components.stream()
                .filter(component -> component.id == id)
                .findFirst()
                .orElseThrow(() -> new BadPicture("a scan is of component %d, which it does not have", id));
    }

    boolean isNamed(int... ids) {
        for (int i = 0; i < ids.length; i++) {
            if (components.get(i).id != ids[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether nothing can follow; only the end says so of a progressive one. */
    boolean isComplete() {
        return !progressive && mayEnd();
    }

    boolean mayEnd() {
        return components.stream().allMatch(JpegComponent::wasRead);
    }

    void finish() {
        components.forEach(JpegComponent::finish);
    }
}
