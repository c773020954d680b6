package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.WeightInit;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.deeplearning4j.nn.weights.WeightInitNormal;
import org.deeplearning4j.nn.weights.WeightInitRelu;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossL1;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** Activations, losses and starts of weights as DL4J's. */
public final class Functions {
    private Functions() {}

    public static IActivation of(ActivationFunction function) {
        return switch (function) {
            case IDENTITY -> Activation.IDENTITY.getActivationFunction();
            case STEP -> new StepActivation();
            case RELU -> Activation.RELU.getActivationFunction();
            case LEAKY_RELU -> new ActivationLReLU(ActivationFunction.LEAK);
            case ELU -> Activation.ELU.getActivationFunction();
            case GELU -> Activation.GELU.getActivationFunction();
            case SIGMOID -> Activation.SIGMOID.getActivationFunction();
            case TANH -> Activation.TANH.getActivationFunction();
            case SOFTMAX -> Activation.SOFTMAX.getActivationFunction();
        };
    }

    /** @param units of what the loss is computed on */
    public static ILossFunction of(LossFunction loss, int units) {
        return switch (loss) {
            case CROSS_ENTROPY -> new LossMCXENT();
            case BINARY_CROSS_ENTROPY -> new LossBinaryXENT();
            case SQUARED_ERROR -> new LossL2(Nd4j.valueArrayOf(new long[] {1, units}, 0.5));
            case ABSOLUTE_ERROR -> new LossL1();
            case HUBER -> new HuberLoss();
        };
    }

    public static IWeightInit of(WeightInit init) {
        if (init instanceof WeightInit.Gauss gauss) {
            return new WeightInitDistribution(new NormalDistribution(0, gauss.standardDeviation()));
        } else if (init instanceof WeightInit.Xavier) {
            return new WeightInitNormal();
        } else if (init instanceof WeightInit.He) {
            return new WeightInitRelu();
        }
        return new WeightInitConstant(0);
    }
}
