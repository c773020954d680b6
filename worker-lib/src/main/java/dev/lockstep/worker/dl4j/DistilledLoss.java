package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.Distillation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * The loss of a network that learns from a teacher, too, as {@link Distillation} has it, around that by the classes. Its slope at the
 * student's outputs z before softmax, the teacher's being t, is
 *
 * <pre>(1 - w) dE/dz + w T (softmax(z / T) - softmax(t / T))</pre>
 *
 * with E the loss by the classes. What is added to E and dE/dz is computed in double precision, by StrictMath.
 */
final class DistilledLoss implements OwnLoss {
    private static final long serialVersionUID = 1L;

    private final ILossFunction loss;
    private final double weight;
    private final double temperature;
    private double[] teachers = new double[0];

    private DistilledLoss(ILossFunction loss, Distillation distillation) {
        this.loss = loss;
        this.weight = distillation.weight();
        this.temperature = distillation.temperature();
    }

    /** Puts one around the loss of a network that ends with softmax. */
    static DistilledLoss install(Network network, Distillation distillation) {
        return network.wrapLoss(loss -> new DistilledLoss(loss, distillation));
    }

    /** Says what the teacher makes of the batch that comes next: its outputs before softmax, {@code [n][classes]}, row after row. */
    void teach(double[] outputs) {
        teachers = outputs;
    }

    @Override
    public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        double[] students = students(preOutput);
        INDArray gradient = loss.computeGradient(labels, preOutput, activation, mask);
        double[] sum = gradient.dup('c').data().asDouble();
        int classes = classes(preOutput);
        for (int row = 0; row < sum.length; row += classes) {
            double[] of = soft(students, row, classes);
            double[] to = soft(teachers, row, classes);
            for (int k = 0; k < classes; k++) {
                sum[row + k] = (1 - weight) * sum[row + k] + weight * temperature * (of[k] - to[k]);
            }
        }
        return array(sum, gradient).reshape(gradient.shape());
    }

    /** What the teacher's part adds to the loss of each example. */
    private double[] parts(INDArray preOutput) {
        double[] students = students(preOutput);
        int classes = classes(preOutput);
        double[] parts = new double[students.length / classes];
        for (int i = 0; i < parts.length; i++) {
            double[] to = soft(teachers, i * classes, classes);
            double[] scaled = scaled(students, i * classes, classes);
            double sum = 0;
            for (double value : scaled) {
                sum += StrictMath.exp(value);
            }
            double logSum = StrictMath.log(sum);
            for (int k = 0; k < classes; k++) {
                parts[i] += weight * temperature * temperature * to[k] * (logSum - scaled[k]);
            }
        }
        return parts;
    }

    private double[] students(INDArray preOutput) {
        if (preOutput.length() != teachers.length) {
            throw new IllegalStateException("the teacher told " + teachers.length
                    + " outputs of the batch, but the network has " + preOutput.length());
        }
        return preOutput.dup('c').data().asDouble();
    }

    private static int classes(INDArray preOutput) {
        return Math.toIntExact(preOutput.size(1));
    }

    /** The outputs of one example over T, less the largest of them: softmax is the same, and no exponential overflows. */
    private double[] scaled(double[] outputs, int from, int classes) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < classes; k++) {
            largest = Math.max(largest, outputs[from + k]);
        }
        double[] scaled = new double[classes];
        for (int k = 0; k < classes; k++) {
            scaled[k] = (outputs[from + k] - largest) / temperature;
        }
        return scaled;
    }

    /** Softmax of the outputs of one example over T. */
    private double[] soft(double[] outputs, int from, int classes) {
        double[] soft = scaled(outputs, from, classes);
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            soft[k] = StrictMath.exp(soft[k]);
            sum += soft[k];
        }
        for (int k = 0; k < classes; k++) {
            soft[k] /= sum;
        }
        return soft;
    }

    private static INDArray array(double[] values, INDArray like) {
        return Nd4j.createFromArray(values).castTo(like.dataType());
    }

    @Override
    public double computeScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        double[] parts = parts(preOutput);
        double sum = 0;
        for (double part : parts) {
            sum += part;
        }
        return (1 - weight) * loss.computeScore(labels, preOutput, activation, mask, average)
                + (average ? sum / parts.length : sum);
    }

    @Override
    public INDArray computeScoreArray(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        double[] parts = parts(preOutput);
        INDArray scores = loss.computeScoreArray(labels, preOutput, activation, mask);
        double[] ofClasses = scores.reshape(scores.length()).toDoubleVector();
        for (int i = 0; i < parts.length; i++) {
            parts[i] += (1 - weight) * ofClasses[i];
        }
        return array(parts, scores).reshape(scores.shape());
    }

    @Override
    public String name() {
        return loss.name();
    }
}
