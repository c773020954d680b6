package dev.lockstep.worker.model;

/** The activation functions a configuration can name; u is the layer's sum, y its output, both of any shape. */
public enum ActivationFunction {
    /** y = u */
    IDENTITY,
    /** y = 1 for u above 0, else 0. Its derivative is 0: what is below it learns nothing. */
    STEP,
    /** y = max(u, 0), with derivative 0 at u = 0 */
    RELU,
    /** y = u for u above 0, else 0.01 u */
    LEAKY_RELU,
    /** y = u for u above 0, else exp(u) - 1: Clevert, Unterthiner, Hochreiter 2016 */
    ELU,
    /** y = u / (1 + exp(-1.702 u)): Hendrycks, Gimpel 2016, section 2, the form that DL4J has */
    GELU,
    /** y = 1 / (1 + exp(-u)) */
    SIGMOID,
    /** y = tanh(u) */
    TANH,
    /** y_k = exp(u_k) / sum over j of exp(u_j), over the units of one example */
    SOFTMAX;

    /** The slope of {@link #LEAKY_RELU} below 0. */
    public static final double LEAK = 0.01;

    /** A layer's {@code activation}. */
    public static ActivationFunction read(Keys keys) {
        return keys.choice("activation", IDENTITY, ActivationFunction.class);
    }

    /**
     * The shape of its output, which is that of its input.
     *
     * @throws IllegalArgumentException when it can't be used there
     */
    public Shape over(Shape input) {
        if (this == SOFTMAX && input.isImage()) {
            // DL4J would run it over each row of pixels.
            throw new IllegalArgumentException(
                    "softmax is over the units of a vector, its input is an image of " + input);
        }
        if (this == SOFTMAX && input.hasTime()) {
            throw new IllegalArgumentException("softmax as a layer is over a vector, its input is " + input);
        }
        return input;
    }
}
