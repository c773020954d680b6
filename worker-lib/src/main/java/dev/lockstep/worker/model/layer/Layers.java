package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.objective.NetworkOutput;
import dev.lockstep.worker.model.objective.Objective;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** The parts that a configuration can name: where a new one is entered. */
public final class Layers {
    private static final Map<String, Reader> ALL = new LinkedHashMap<>();
    /** Of a layer on its own. */
    private static final NetworkOutput NONE = new NetworkOutput(Objective.CLASSIFICATION, 0);

    /** Reads a part's own keys; null when they have problems (which are noted) that leave nothing to work with. */
    private interface Reader {
        /** @param output of the whole network, for the layers that end it */
        Part read(Keys keys, NetworkOutput output);
    }

    static {
        enter(Dense.TYPE, Dense::read);
        enter(Convolution.TYPE, Convolution::read);
        enter(Pooling.MAX, Pooling::readMax);
        enter(Pooling.AVERAGE, Pooling::readAverage);
        enter(GlobalAveragePool.TYPE, GlobalAveragePool::read);
        enter(MeanOverTime.TYPE, MeanOverTime::read);
        enter(LastStep.TYPE, LastStep::read);
        enter(Convolution1d.TYPE, Convolution1d::read);
        enter(Embedding.TYPE, Embedding::read);
        enter(RepeatLastStep.TYPE, RepeatLastStep::read);
        enter(Rnn.TYPE, Rnn::read);
        enter(Lstm.TYPE, Lstm::read);
        enter(Gru.TYPE, Gru::read);
        enter(Attention.TYPE, Attention::read);
        enter(CrossAttention.TYPE, CrossAttention::read);
        enter(AdditiveAttention.TYPE, AdditiveAttention::read);
        enter(TransformerBlock.TYPE, TransformerBlock::read);
        enter(DecoderBlock.TYPE, DecoderBlock::read);
        enter(PositionalEncoding.TYPE, PositionalEncoding::read);
        enter(BatchNorm.TYPE, BatchNorm::read);
        enter(LayerNorm.TYPE, LayerNorm::read);
        enter(InstanceNorm.TYPE, InstanceNorm::read);
        enter(GroupNorm.TYPE, GroupNorm::read);
        enter(LocalResponseNorm.TYPE, LocalResponseNorm::read);
        ALL.put(Residual.TYPE, Residual::read);
        enter(Sum.TYPE, Sum::read);
        enter(Mean.TYPE, Mean::read);
        enter(Concat.TYPE, Concat::read);
        enter(ChannelSlice.TYPE, ChannelSlice::read);
        enter(DenseBlock.TYPE, DenseBlock::read);
        enter(DepthwiseConvolution.TYPE, DepthwiseConvolution::read);
        enter(Reverse.TYPE, Reverse::read);
        ALL.put(Bidirectional.TYPE, Bidirectional::read);
        enter(Flatten.TYPE, Flatten::read);
        enter(Activation.TYPE, Activation::read);
        enter(PRelu.TYPE, PRelu::read);
        enter(Dropout.TYPE, Dropout::read);
        ALL.put(Output.TYPE, Output::read);
        ALL.put(Loss.TYPE, Loss::read);
    }

    private Layers() {}

    private static void enter(String type, Function<Keys, Part> reader) {
        ALL.put(type, (keys, output) -> reader.apply(keys));
    }

    /** Their names. */
    public static Set<String> types() {
        return ALL.keySet();
    }

    /**
     * The part that an object describes.
     *
     * @return empty when it has problems, which are noted
     */
    public static Optional<Part> read(Keys keys, NetworkOutput output) {
        String type = keys.word("type", types(), "has no type; expected for example { type = dense, units = 100 }");
        return type == null
                ? Optional.empty()
                : Optional.ofNullable(ALL.get(type).read(keys, output));
    }

    /** Null for each that has problems; one that says {@code repeat} counts as often. */
    public static List<Part> readAll(List<? extends Keys> sections, NetworkOutput output) {
        List<Part> parts = new ArrayList<>();
        for (Keys section : sections) {
            Part part = read(section, output).orElse(null);
            int times = section.has("repeat") ? section.integer("repeat", 1, 1, 1000) : 1;
            for (int i = 0; i < times; i++) {
                parts.add(part);
            }
            if (part != null) { // which keys are known depends on the type
                section.close();
            }
        }
        return parts;
    }

    /** The keys that a configuration would have for a layer of ours, its defaults too. */
    public static Map<String, String> keys(OwnLayer layer) {
        Map<String, String> keys = new TreeMap<>();
        for (RecordComponent component : layer.getClass().getRecordComponents()) {
            try {
                Object value = component.getAccessor().invoke(layer);
                if (value == null) { // as the network has it
                    continue;
                }
                String key = component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
                keys.put(key, value.toString().toLowerCase(Locale.ROOT).replace('_', '-'));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(layer + " is a public record", e);
            }
        }
        return keys;
    }

    /**
     * The inverse of {@link #keys}.
     *
     * @throws IllegalArgumentException when there is no such layer of ours, or it has other keys
     */
    public static OwnLayer own(String type, Map<String, String> keys) {
        StoredKeys stored = new StoredKeys(keys);
        if (ALL.containsKey(type) && ALL.get(type).read(stored, NONE) instanceof OwnLayer layer) {
            stored.close();
            return layer;
        }
        throw new IllegalArgumentException("there is no layer '" + type + "' of ours");
    }
}
