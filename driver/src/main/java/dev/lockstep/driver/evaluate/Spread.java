package dev.lockstep.driver.evaluate;

/**
 * How some values are spread: a histogram of equal bins, and its figures. Of values that are not finite there is only their
 * number.
 *
 * @param low the lowest value, where the first bin begins; NaN without a finite value
 * @param high the highest value, where the last bin ends
 * @param counts of the values in each bin; where all are equal, in the first
 * @param mean of the finite values
 * @param deviation their standard deviation
 * @param notFinite how many values are not finite
 */
public record Spread(double low, double high, long[] counts, double mean, double deviation, long notFinite) {
    private static final int BINS = 40;

    public static Spread of(float[] values) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        double sum = 0;
        long finite = 0;
        for (float value : values) {
            if (Float.isFinite(value)) {
                low = Math.min(low, value);
                high = Math.max(high, value);
                sum += value;
                finite++;
            }
        }
        double mean = sum / finite;
        double squares = 0;
        long[] counts = new long[BINS];
        for (float value : values) {
            if (Float.isFinite(value)) {
                squares += (value - mean) * (value - mean);
                counts[high > low ? (int) Math.min(BINS - 1, (value - low) / (high - low) * BINS) : 0]++;
            }
        }
        boolean none = finite == 0;
        return new Spread(
                none ? Double.NaN : low,
                none ? Double.NaN : high,
                counts,
                mean,
                Math.sqrt(squares / finite),
                values.length - finite);
    }
}
