package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Html;
import dev.lockstep.jobs.course.Plane.Curve;
import dev.lockstep.worker.model.ActivationFunction;
import java.util.List;
import java.util.Locale;

/**
 * Activation functions and their derivatives, written to be looked at.
 *
 * @param y as {@link ActivationFunction} says
 * @param slope its derivative
 * @param remark what it means for a network
 */
record ActivationPlots(ActivationFunction function, Curve y, Curve slope, String remark) {
    /** What GELU's sigmoid is steeper by. */
    private static final double GELU = 1.702;

    static final List<ActivationPlots> ALL = List.of(
            new ActivationPlots(
                    ActivationFunction.STEP, u -> u > 0 ? 1 : 0, u -> 0, "the slope is 0: nothing can be learnt"),
            new ActivationPlots(
                    ActivationFunction.SIGMOID,
                    ActivationPlots::sigmoid,
                    u -> sigmoid(u) * (1 - sigmoid(u)),
                    "the slope is at most 1/4, at u = 0: through n layers at most (1/4)ⁿ is left of a gradient"),
            new ActivationPlots(
                    ActivationFunction.TANH,
                    Math::tanh,
                    u -> 1 - Math.tanh(u) * Math.tanh(u),
                    "the slope is 1 at u = 0, and almost 0 beyond 3"),
            new ActivationPlots(
                    ActivationFunction.RELU,
                    u -> Math.max(u, 0),
                    u -> u > 0 ? 1 : 0,
                    "the slope is 1 or 0: what is active hands on all of the gradient"),
            new ActivationPlots(
                    ActivationFunction.LEAKY_RELU,
                    u -> u > 0 ? u : ActivationFunction.LEAK * u,
                    u -> u > 0 ? 1 : ActivationFunction.LEAK,
                    "0.01 is left where ReLU has 0"),
            new ActivationPlots(
                    ActivationFunction.ELU,
                    u -> u > 0 ? u : Math.exp(u) - 1,
                    u -> u > 0 ? 1 : Math.exp(u),
                    "its mean is nearer to 0"),
            new ActivationPlots(
                    ActivationFunction.GELU,
                    u -> u * sigmoid(GELU * u),
                    u -> sigmoid(GELU * u) + GELU * u * sigmoid(GELU * u) * (1 - sigmoid(GELU * u)),
                    "a ReLU without a corner"));

    private static double sigmoid(double u) {
        return 1 / (1 + Math.exp(-u));
    }

    static Html html() {
        Html html = new Html();
        html.open("section").element("h2", "Activation functions and their derivatives");
        html.element(
                "p",
                "The function is the blue line, its derivative the orange one. On the way back a gradient is multiplied by"
                        + " the derivative in every layer.");
        html.open("div", "class", "charts small");
        Plane plane = new Plane(-4, 4, -1.25, 2.25, 2, 0.5);
        for (ActivationPlots plot : ALL) {
            Html inside = plane.curve("c0", plot.y()).add(plane.curve("c1 d1", plot.slope()));
            html.add(plane.figure(
                    plot.function().name().toLowerCase(Locale.ROOT).replace('_', ' '), plot.remark(), inside));
        }
        return html.close().close();
    }
}
