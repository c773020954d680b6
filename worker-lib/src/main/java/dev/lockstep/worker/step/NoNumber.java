package dev.lockstep.worker.step;

import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.GradientNorms;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.TrainableModel;
import dev.lockstep.worker.model.layer.Graph;
import java.util.Map;

/** Where in a network something first was infinite or not a number, for whoever reads that a training diverged. */
final class NoNumber {

    private NoNumber() {}

    /**
     * The first layer, and of a sequence the first step, that says what is no number.
     *
     * @return in words behind a semicolon; empty when all that the layers say is finite
     */
    static String said(TrainableModel model, NetworkDefinition definition, Batch batch) {
        Map<String, Node> nodes = definition instanceof NetworkSpec spec ? spec.layersByName() : Map.of();
        Graph graph = definition instanceof NetworkSpec spec ? spec.graph() : null;
        for (Map.Entry<String, float[]> layer : model.activations(batch).entrySet()) {
            Node node = nodes.get(layer.getKey());
            boolean hasTime = node != null && graph.shape(node.name()).hasTime();
            int step = first(layer.getValue(), hasTime ? batch.steps() : 1);
            if (step >= 0) {
                return "; the first that says no number is the layer '" + layer.getKey() + "'"
                        + (node == null ? "" : " (" + node.part().type() + ")")
                        + (hasTime ? ", at step " + step + " of a sequence" : "");
            }
        }
        return "";
    }

    /**
     * The first step of which some value is no number.
     *
     * @param values {@code [n, ..., steps]}; behind a sequence's end they are 0
     * @return -1 where all are finite
     */
    private static int first(float[] values, int steps) {
        int first = -1;
        for (int i = 0; i < values.length; i++) {
            int step = i % steps;
            if (!Float.isFinite(values[i]) && (first < 0 || step < first)) {
                first = step;
            }
        }
        return first;
    }

    /**
     * @param said by the gradients of this step, where a loss is no number
     * @throws DivergenceException when the loss or the gradient of a step is not finite
     */
    static void refuse(StepMetrics metrics, GradientNorms norms, ParameterLayout layout, String said) {
        // A variance can overflow while batch norm still hides it from the loss and the gradient.
        boolean statistics = norms.statisticsFinite();
        if (!Double.isFinite(metrics.loss()) || !Double.isFinite(metrics.gradientNorm()) || !statistics) {
            throw new DivergenceException("training diverged at step "
                    + metrics.id().step() + " (epoch " + metrics.id().epoch() + "): loss "
                    + metrics.loss() + ", gradient norm " + metrics.gradientNorm()
                    + (statistics ? "" : ", batch norm's statistics not finite")
                    + (Double.isFinite(metrics.loss()) ? ofGradient(layout, norms) : said)
                    + "; the step was not applied; try a smaller optimizer.learning-rate than "
                    + metrics.learningRate());
        }
    }

    /** Of a gradient the layer nearest to the loss that has none that is a number. */
    private static String ofGradient(ParameterLayout layout, GradientNorms norms) {
        return layout.blocks().stream()
                .filter(block -> !Double.isFinite(norms.squares().getOrDefault(block.layer(), 0.0)))
                .reduce((below, above) -> above)
                .map(block -> "; the layer nearest to the loss whose gradient is no number is '" + block.node() + "'")
                .orElse("");
    }
}
