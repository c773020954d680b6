package dev.lockstep.worker.model;

/**
 * The numbers from {@code least} to below {@code below}.
 *
 * @param included whether {@code least} is one of them
 * @param below infinity for no bound
 */
public record Interval(double least, boolean included, double below) {
    /** (0, infinity) */
    public static final Interval POSITIVE = new Interval(0, false, Double.POSITIVE_INFINITY);
    /** [0, infinity) */
    public static final Interval FROM_ZERO = new Interval(0, true, Double.POSITIVE_INFINITY);
    /** [0, 1) */
    public static final Interval FRACTION = new Interval(0, true, 1);
    /** (0, 1) */
    public static final Interval PROPER_FRACTION = new Interval(0, false, 1);

    /** Any finite number. */
    public static final Interval ANY = new Interval(Double.NEGATIVE_INFINITY, false, Double.POSITIVE_INFINITY);

    public boolean contains(double value) {
        return value >= least && (included || value > least) && value < below;
    }

    /** "at least 0 and below 1" */
    @Override
    public String toString() {
        if (least == Double.NEGATIVE_INFINITY) {
            return "finite";
        }
        return (included ? "at least " : "above ")
                + plain(least)
                + (below == Double.POSITIVE_INFINITY ? "" : " and below " + plain(below));
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
