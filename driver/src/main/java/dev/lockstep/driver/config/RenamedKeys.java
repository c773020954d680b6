package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.Map;

/**
 * Keys that were called something else once. The old name still works, and the user is told the new one.
 *
 * @param now what a key is called now, by what it was called; keys with dots, none inside a list
 */
public record RenamedKeys(Map<String, String> now) {
    /** {@code old, new}; a line for each renamed key, and one in CHANGELOG.md. */
    public static final RenamedKeys OURS = new RenamedKeys(Map.of());

    public RenamedKeys {
        now = Map.copyOf(now);
    }

    /**
     * A configuration with the names of today.
     *
     * @param notes told of each old name
     * @param problems told of keys that are given by both names
     */
    Config current(Config config, List<String> notes, List<String> problems) {
        Config current = config;
        for (Map.Entry<String, String> name : now.entrySet()) {
            String old = name.getKey();
            if (config.hasPathOrNull(old)) {
                ConfigValue value = config.getValue(old);
                String where = " (" + value.origin().description() + ")";
                current = current.withoutPath(old);
                if (config.hasPathOrNull(name.getValue())) {
                    problems.add(old + ": is given together with " + name.getValue()
                            + ", as it is called now; leave the old one out" + where);
                } else {
                    current = current.withValue(name.getValue(), value);
                    notes.add(old + " is called " + name.getValue() + " now" + where);
                }
            }
        }
        return current;
    }

    /** A configuration without the other name of a key that is about to be laid over it. */
    Config withoutOtherName(Config config, String key) {
        Config rest = now.containsKey(key) ? config.withoutPath(now.get(key)) : config;
        for (Map.Entry<String, String> name : now.entrySet()) {
            rest = name.getValue().equals(key) ? rest.withoutPath(name.getKey()) : rest;
        }
        return rest;
    }
}
