package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The optimizers that a configuration can name: where a new one is entered. */
public final class Optimizers {
    private static final Map<String, Function<Keys, Optimizer>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("sgd", Sgd::read);
        ALL.put("momentum", Momentum::read);
        ALL.put("nesterov", Nesterov::read);
        ALL.put("adagrad", AdaGrad::read);
        ALL.put("adadelta", AdaDelta::read);
        ALL.put("rmsprop", RmsProp::read);
        ALL.put("adam", Adam::read);
        ALL.put("adamw", AdamW::read);
        ALL.put("lamb", Lamb::read);
    }

    private Optimizers() {}

    /** Their names. */
    public static Set<String> names() {
        return ALL.keySet();
    }

    /** The optimizer of a name, its other keys read. */
    public static Optimizer read(String name, Keys keys) {
        return ALL.get(name).apply(keys);
    }

    static double rate(Keys keys, double fallback) {
        return keys.float32("optimizer.learning-rate", fallback, Interval.POSITIVE);
    }

    static double fraction(Keys keys, String key, double fallback) {
        return keys.float32("optimizer." + key, fallback, Interval.FRACTION);
    }

    static double epsilon(Keys keys, double fallback) {
        return keys.float32("optimizer.epsilon", fallback, Interval.POSITIVE);
    }
}
