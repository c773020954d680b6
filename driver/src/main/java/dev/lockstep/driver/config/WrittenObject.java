package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.lockstep.worker.failure.Excerpt;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;

/**
 * An object of a configuration as the user wrote it: what messages say of its keys, and which of them are secrets.
 *
 * @param masked the same with marks in the place of secrets
 * @param path where the object is in the whole configuration, "" for the root
 */
record WrittenObject(Config config, Config masked, String path) {

    /** A key's name in the whole configuration. */
    String full(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** What the user gave: of a secret, not its value. */
    String found(String key) {
        return isSecret(key)
                ? "a secret of the environment"
                : Excerpt.of(config.getValue(key).render(ConfigRenderOptions.concise()));
    }

    /** File and line of a key; of the object around it when it is missing. */
    String where(String key) {
        boolean there = !key.isEmpty() && config.hasPath(key);
        if (!there && path.isEmpty()) {
            return "";
        }
        ConfigValue value = there ? config.getValue(key) : config.root();
        return " (" + value.origin().description() + ")";
    }

    boolean isSecret(String key) {
        return config.hasPath(key) && !config.getValue(key).equals(masked.getValue(key));
    }

    /** A key that {@link #isSecret}. */
    RunConfig.Secret secret(String key) {
        String value = String.valueOf(config.getValue(key).unwrapped());
        return new RunConfig.Secret(value, sha256(full(key) + "=" + value));
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "SHA-256 " + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * The keys that have a value, those of objects inside with dots between.
     *
     * @param whole keys that are values though they may be objects
     */
    Set<String> leaves(Set<String> whole) {
        Set<String> leaves = new TreeSet<>();
        collect(config.root(), "", whole, leaves);
        return leaves;
    }

    private static void collect(ConfigObject object, String prefix, Set<String> whole, Set<String> leaves) {
        object.forEach((name, value) -> {
            String key = prefix + ConfigUtil.joinPath(name); // in quotes when it needs them
            if (value instanceof ConfigObject child && !whole.contains(key)) {
                collect(child, key + ".", whole, leaves);
            } else if (value.valueType() != ConfigValueType.NULL) {
                leaves.add(key);
            }
        });
    }
}
