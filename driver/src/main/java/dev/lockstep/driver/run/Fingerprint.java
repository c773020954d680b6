package dev.lockstep.driver.run;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.source.Dataset;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Everything that the trained bits depend on, as key and value: what two runs must share to be the same run. */
final class Fingerprint {
    /** What may change between a run and its resumption: where data lies, how work is spread, when it is looked at. */
    private static final Set<String> FREE = Set.of(
            "name",
            "data.path",
            "train.epochs",
            "train.iterations",
            "train.tasks",
            "train.exchange",
            "train.evaluate-every",
            "train.evaluate-train",
            "train.checkpoint-every");

    private Fingerprint() {}

    static Map<String, String> of(RunConfig config, Dataset dataset) {
        Map<String, String> values = new TreeMap<>();
        flatten("", config.resolved().root(), config.secrets(), values);
        values.keySet().removeAll(FREE);
        if (config.training().earlyStopping() != null || config.schedule().plateau() != null) {
            values.put("train.evaluate-every", config.training().evaluateEvery().toString()); // then it decides
        }
        values.put("examples (SHA-256)", dataset.fingerprint());
        return values;
    }

    private static void flatten(
            String key, ConfigValue value, Map<String, RunConfig.Secret> secrets, Map<String, String> into) {
        if (secrets.containsKey(key)) {
            into.put(key, secrets.get(key).sha256());
        } else if (value instanceof ConfigObject object) {
            object.forEach((name, child) -> flatten(key.isEmpty() ? name : key + "." + name, child, secrets, into));
        } else if (value instanceof ConfigList list) {
            for (int i = 0; i < list.size(); i++) {
                flatten(key + "[" + i + "]", list.get(i), secrets, into);
            }
        } else {
            into.put(key, String.valueOf(value.unwrapped()));
        }
    }
}
