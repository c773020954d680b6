package dev.lockstep.worker.model;

import java.io.Serializable;

/**
 * How a network, the student, learns from the outputs of another, the teacher, beside the classes (Hinton, Vinyals, Dean 2015,
 * "Distilling the Knowledge in a Neural Network", arXiv:1503.02531). The loss of an example of class y is
 *
 * <pre>(1 - w) CE(y, softmax(z)) + w T² CE(softmax(t / T), softmax(z / T))</pre>
 *
 * with z the student's and t the teacher's outputs before softmax, CE(q, p) = -sum over k of q_k log p_k; T² keeps the two parts of
 * the gradient in proportion when T changes. The teacher is shown the very batch, augmented alike, in evaluation mode.
 *
 * <p>Two are equal when they compute the same, wherever they look the teacher up.
 *
 * @param weight w, in (0, 1]
 * @param temperature T, above 0
 * @param sha256 of the teacher: what tells one from another
 * @param teacher asked for once by each network that is built
 */
public record Distillation(double weight, double temperature, String sha256, Teacher teacher) implements Serializable {

    /** A trained network of classes that ends with softmax, or where one is looked up. */
    public interface Teacher extends Serializable {

        /** DL4J's configuration of it. */
        String configurationJson();

        /** float32 in DL4J's flat order, not to be changed. */
        float[] parameters();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Distillation same
                && weight == same.weight
                && temperature == same.temperature
                && sha256.equals(same.sha256);
    }

    @Override
    public int hashCode() {
        return sha256.hashCode() + 31 * (Double.hashCode(weight) + 31 * Double.hashCode(temperature));
    }
}
