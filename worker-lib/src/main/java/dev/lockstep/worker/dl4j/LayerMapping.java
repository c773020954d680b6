package dev.lockstep.worker.dl4j;

import static dev.lockstep.worker.dl4j.Functions.of;

import dev.lockstep.worker.dl4j.layer.GroupNormalization;
import dev.lockstep.worker.dl4j.layer.HostedLayer;
import dev.lockstep.worker.dl4j.layer.TiedOutputLayer;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.Flatten;
import dev.lockstep.worker.model.layer.GlobalAveragePool;
import dev.lockstep.worker.model.layer.InstanceNorm;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.LayerNorm;
import dev.lockstep.worker.model.layer.LocalResponseNorm;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Lstm;
import dev.lockstep.worker.model.layer.MeanOverTime;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.OwnLayer;
import dev.lockstep.worker.model.layer.Pooling;
import dev.lockstep.worker.model.layer.Rnn;
import dev.lockstep.worker.model.layer.SequenceLayer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.AbstractLSTM;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * Our layers as DL4J's, so that stock DL4J restores a model; input sizes are left to DL4J, which derives them from the
 * network's input type. A layer that DL4J lacks needs no line here.
 */
public final class LayerMapping {
    private static final Map<Class<?>, BiFunction<Layer, Shape, org.deeplearning4j.nn.conf.layers.Layer>> ALL =
            new HashMap<>();

    static {
        enter(
                Dense.class,
                (dense, input) -> new DenseLayer.Builder()
                        .nOut(dense.units())
                        .activation(of(dense.activation()))
                        .build(),
                Dense::init);
        enter(Convolution.class, LayerMapping::convolution, Convolution::init);
        enter(Output.class, LayerMapping::output, Output::init);
        enter(
                Rnn.class,
                (rnn, input) -> new SimpleRnn.Builder()
                        .nOut(rnn.units())
                        .activation(of(rnn.activation()))
                        .build(),
                Rnn::init);
        enter(
                Lstm.class,
                (lstm, input) -> lstm(
                                lstm.peepholes() == Lstm.Peepholes.ON ? new GravesLSTM.Builder() : new LSTM.Builder(),
                                lstm)
                        .build(),
                Lstm::init);
        enter(Loss.class, (loss, input) -> new LossLayer.Builder(of(loss.loss(), input.size()))
                .activation(of(loss.activation()))
                .build());
        enter(Pooling.class, (pooling, input) -> new SubsamplingLayer.Builder(
                        pooling.kind() == Pooling.Kind.MAX ? PoolingType.MAX : PoolingType.AVG)
                .kernelSize(pooling.kernel(), pooling.kernel())
                .stride(pooling.stride(), pooling.stride())
                .padding(pooling.padding(), pooling.padding())
                .convolutionMode(ConvolutionMode.Truncate)
                .build());
        enter(MeanOverTime.class, (mean, input) -> new GlobalPoolingLayer.Builder(PoolingType.AVG).build());
        enter(GlobalAveragePool.class, (pool, input) -> new GlobalPoolingLayer.Builder(PoolingType.AVG).build());
        // The variance itself is carried, not the logarithm of its root (DL4J's default): only then is the weighted
        // average over shards an average of variances.
        enter(BatchNorm.class, (norm, input) -> new BatchNormalization.Builder()
                .decay(norm.decay())
                .eps(norm.epsilon())
                .useLogStd(false)
                .cudnnAllowFallback(false)
                .build());
        enter(LayerNorm.class, (norm, input) -> new GroupNormalization(false, norm.epsilon(), input.channels()));
        enter(InstanceNorm.class, (norm, input) -> new GroupNormalization(true, norm.epsilon(), input.channels()));
        enter(LocalResponseNorm.class, (norm, input) -> new LocalResponseNormalization.Builder(
                        norm.k(), norm.n(), norm.alpha(), norm.beta())
                .cudnnAllowFallback(false)
                .build());
        // Behind a preprocessor that flattens.
        enter(Flatten.class, (flatten, input) -> new ActivationLayer(of(ActivationFunction.IDENTITY)));
        enter(Activation.class, (activation, input) -> new ActivationLayer(of(activation.function())));
        enter(Dropout.class, (dropout, input) -> new DropoutLayer.Builder(1 - dropout.ratio()).build());
    }

    private LayerMapping() {}

    private interface Mapping<L> {
        org.deeplearning4j.nn.conf.layers.Layer of(L layer, Shape input);
    }

    private interface Start<L> {
        /** How the layer's weights start; null as the network's do. */
        WeightInit of(L layer);
    }

    private static <L extends Layer> void enter(Class<L> type, Mapping<L> mapping) {
        ALL.put(type, (layer, input) -> mapping.of(type.cast(layer), input));
    }

    private static <L extends Layer> void enter(Class<L> type, Mapping<L> mapping, Start<L> start) {
        ALL.put(type, (layer, input) -> {
            var mapped = mapping.of(type.cast(layer), input);
            WeightInit init = start.of(type.cast(layer));
            if (init != null) {
                ((BaseLayer) mapped).setWeightInitFn(of(init));
            }
            return mapped;
        });
    }

    private static AbstractLSTM.Builder<?> lstm(AbstractLSTM.Builder<?> builder, Lstm lstm) {
        builder.nOut(lstm.units());
        builder.activation(of(ActivationFunction.TANH));
        builder.gateActivationFunction(of(ActivationFunction.SIGMOID));
        return builder.forgetGateBiasInit(lstm.forgetBias());
    }

    private static org.deeplearning4j.nn.conf.layers.Layer convolution(Convolution convolution, Shape input) {
        // A kernel of 1 needs no padding, and DL4J would have to take some away where the last stride leads out of the
        // image.
        boolean leaps = convolution.kernel() == 1 && convolution.stride() > 2;
        boolean same = convolution.padding() == Convolution.SAME && !leaps;
        var builder = new ConvolutionLayer.Builder(convolution.kernel(), convolution.kernel())
                .stride(convolution.stride(), convolution.stride())
                .dilation(convolution.dilation(), convolution.dilation())
                .convolutionMode(same ? ConvolutionMode.Same : ConvolutionMode.Truncate)
                .cudnnAllowFallback(false)
                .nOut(convolution.filters())
                .activation(of(convolution.activation()));
        if (!same) {
            int padding = Math.max(0, convolution.padding());
            builder.padding(padding, padding);
        }
        return builder.build();
    }

    private static org.deeplearning4j.nn.conf.layers.Layer output(Output output, Shape input) {
        ILossFunction loss = of(output.loss(), output.units());
        if (output.tied() != null) {
            return TiedOutputLayer.of(output.tied(), output.units(), loss, of(output.activation()));
        }
        var builder = input.hasTime() ? new RnnOutputLayer.Builder(loss) : new OutputLayer.Builder(loss);
        return builder.nOut(output.units())
                .activation(of(output.activation()))
                .hasBias(output.negatives() == 0)
                .build();
    }

    /** DL4J's layer, or what hosts ours: what DL4J lacks, or lacks for sequences. */
    public static org.deeplearning4j.nn.conf.layers.Layer dl4j(Layer layer, Shape input) {
        boolean known = ALL.containsKey(layer.getClass()) && !(layer instanceof SequenceLayer && input.hasTime());
        return layer instanceof OwnLayer own && !known
                ? HostedLayer.of(own, input)
                : ALL.get(layer.getClass()).apply(layer, input);
    }
}
