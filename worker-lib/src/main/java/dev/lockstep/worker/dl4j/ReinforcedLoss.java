package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.Reinforcement;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Reinforcement} on the outputs of a network that ends without an activation; in double, example by example. */
final class ReinforcedLoss implements OwnLoss {
    private static final long serialVersionUID = 1L;

    private final Reinforcement how;

    ReinforcedLoss(Reinforcement how) {
        this.how = how;
    }

    /** Of an example its loss, and the gradient where somebody asks for it. */
    double loss(float[] outputs, float[] target, double[] gradient) {
        int action = (int) target[0];
        if (!how.kind().hasValue()) {
            double error = (double) outputs[action] - target[1];
            double cut = Math.max(-1, Math.min(1, error));
            gradient[action] = cut;
            return cut * (error - cut / 2);
        }
        int actions = outputs.length - 1;
        double[] logs = logProbabilities(outputs, actions);
        double entropy = 0;
        for (double log : logs) {
            entropy -= StrictMath.exp(log) * log;
        }
        double worth = target[1];
        double ratio = how.kind() == Reinforcement.Kind.CLIPPED_POLICY ? StrictMath.exp(logs[action] - target[3]) : 1;
        double clipped = Math.max(1 - how.clip(), Math.min(1 + how.clip(), ratio));
        boolean cut = clipped * worth < ratio * worth;
        double pull = cut ? 0 : ratio * worth;
        double error = (double) outputs[actions] - target[2];
        for (int k = 0; k < actions; k++) {
            double probability = StrictMath.exp(logs[k]);
            gradient[k] = pull * (probability - (k == action ? 1 : 0))
                    + how.entropyWeight() * probability * (logs[k] + entropy);
        }
        gradient[actions] = how.valueWeight() * error;
        double ofPolicy = how.kind() == Reinforcement.Kind.CLIPPED_POLICY
                ? -Math.min(ratio * worth, clipped * worth)
                : -worth * logs[action];
        return ofPolicy + how.valueWeight() * error * error / 2 - how.entropyWeight() * entropy;
    }

    private static double[] logProbabilities(float[] outputs, int actions) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < actions; k++) {
            largest = Math.max(largest, outputs[k]);
        }
        double sum = 0;
        for (int k = 0; k < actions; k++) {
            sum += StrictMath.exp(outputs[k] - largest);
        }
        double[] logs = new double[actions];
        for (int k = 0; k < actions; k++) {
            logs[k] = outputs[k] - largest - StrictMath.log(sum);
        }
        return logs;
    }

    @Override
    public INDArray computeScoreArray(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        float[][] outputs = Dl4jModel.rows(preOutput);
        float[][] targets = Dl4jModel.rows(labels);
        float[] losses = new float[outputs.length];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = (float) loss(outputs[i], targets[i], new double[outputs[i].length]);
        }
        return Nd4j.createFromArray(losses).reshape(losses.length, 1);
    }

    @Override
    public double computeScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        float[][] outputs = Dl4jModel.rows(preOutput);
        float[][] targets = Dl4jModel.rows(labels);
        double sum = 0;
        for (int i = 0; i < outputs.length; i++) {
            sum += loss(outputs[i], targets[i], new double[outputs[i].length]);
        }
        return average ? sum / outputs.length : sum;
    }

    @Override
    public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        float[][] outputs = Dl4jModel.rows(preOutput);
        float[][] targets = Dl4jModel.rows(labels);
        int width = outputs[0].length;
        float[] all = new float[outputs.length * width];
        for (int i = 0; i < outputs.length; i++) {
            double[] gradient = new double[width];
            loss(outputs[i], targets[i], gradient);
            for (int k = 0; k < width; k++) {
                all[i * width + k] = (float) gradient[k];
            }
        }
        return Nd4j.createFromArray(all).reshape('c', outputs.length, width);
    }

    @Override
    public String name() {
        return "reinforced";
    }
}
