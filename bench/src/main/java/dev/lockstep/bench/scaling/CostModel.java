package dev.lockstep.bench.scaling;

import dev.lockstep.worker.exchange.Traffic;
import java.util.List;
import org.apache.commons.math3.stat.regression.OLSMultipleLinearRegression;

/**
 * The α-β model of messages (Hockney 1994, "The communication challenge for MPP"), with a third term for the arithmetic: an
 * executor's exchange takes {@code α * messages + β * bytes + γ * additions}. Messages and bytes are those it sends; as many
 * arrive meanwhile. Nothing overlaps, so it errs on the slow side.
 *
 * @param perMessage α, seconds
 * @param perByte β, seconds
 * @param perAddition γ, seconds an addition of two floats
 */
record CostModel(double perMessage, double perByte, double perAddition) {

    /** Seconds of a step's exchange: the busiest executor's, for which the others wait. */
    double seconds(Layout layout) {
        return layout.traffic().stream().mapToDouble(this::seconds).max().orElseThrow();
    }

    private double seconds(Traffic traffic) {
        return perMessage * messages(traffic) + perByte * traffic.bytesSent() + perAddition * traffic.additions();
    }

    static long messages(Traffic traffic) {
        return traffic.requests() + traffic.answers();
    }

    /** What something costs that takes both, one after the other. */
    CostModel plus(CostModel other) {
        return new CostModel(perMessage + other.perMessage, perByte + other.perByte, perAddition + other.perAddition);
    }

    /** The share of a step that is spent computing. */
    double efficiency(Layout layout, double computeSeconds) {
        return computeSeconds / (computeSeconds + seconds(layout));
    }

    /** As on the machine of a measurement: its cores are shared by all executors. */
    double seconds(MeasuredPoint measured) {
        return measured.slowdown() * seconds(measured.layout());
    }

    /**
     * The model of least squares of the relative errors, so that short times count as much as long ones. A cost that comes
     * out below zero is lost in the noise: it is left out, and the others are fitted anew.
     */
    static CostModel fit(List<MeasuredPoint> points) {
        double[] costs = leastSquares(points, true);
        if (costs[2] < 0) {
            costs = new double[] {costs[0], costs[1], 0};
            System.arraycopy(leastSquares(points, false), 0, costs, 0, 2);
        }
        return new CostModel(costs[2], costs[1], costs[0]);
    }

    /** @return γ, β and, if wanted, α */
    private static double[] leastSquares(List<MeasuredPoint> points, boolean messages) {
        double[] ones = new double[points.size()];
        double[][] counts = new double[points.size()][];
        for (int i = 0; i < ones.length; i++) {
            MeasuredPoint point = points.get(i);
            Traffic traffic = point.layout().traffic().get(0);
            double weight = point.slowdown() / point.middle();
            double additions = weight * traffic.additions();
            double bytes = weight * traffic.bytesSent();
            ones[i] = 1;
            counts[i] = messages
                    ? new double[] {additions, bytes, weight * messages(traffic)}
                    : new double[] {additions, bytes};
        }
        var regression = new OLSMultipleLinearRegression();
        regression.setNoIntercept(true);
        regression.newSampleData(ones, counts);
        return regression.estimateRegressionParameters();
    }
}
