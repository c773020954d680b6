package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The keys of a layer as a model file has them. Whatever is wrong is thrown at once, as an IllegalArgumentException. */
final class StoredKeys implements Keys {
    private final Map<String, String> values;
    private final Set<String> read = new HashSet<>();

    StoredKeys(Map<String, String> values) {
        this.values = values;
    }

    @Override
    public boolean has(String key) {
        return values.containsKey(key);
    }

    private String value(String key) {
        read.add(key);
        return values.get(key);
    }

    @Override
    public int integer(String key, int fallback, int least, int most) {
        String value = value(key);
        int number = value == null ? fallback : Integer.parseInt(value);
        require(number >= least && number <= most, key);
        return number;
    }

    @Override
    public int integerOr(String word, int meaning, String key, int fallback, int least) {
        String value = value(key);
        int number = value == null ? fallback : value.equals(word) ? meaning : Integer.parseInt(value);
        require(number >= least || number == meaning, key);
        return number;
    }

    @Override
    public double number(String key, double fallback, Interval range) {
        String value = value(key);
        double number = value == null ? fallback : Double.parseDouble(value);
        require(range.contains(number), key);
        return number;
    }

    @Override
    public double float32(String key, double fallback, Interval range) {
        return number(key, fallback, range);
    }

    @Override
    public <E extends Enum<E>> E choice(String key, E fallback, Class<E> type) {
        String value = value(key);
        return value == null
                ? fallback
                : Enum.valueOf(type, value.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    @Override
    public String word(String key, Set<String> words, String missing) {
        String value = value(key);
        require(words.contains(value), key);
        return value;
    }

    @Override
    public String text(String key, String fallback) {
        String value = value(key);
        return value == null ? fallback : value;
    }

    @Override
    public List<? extends Keys> sections(String key) {
        return List.of();
    }

    @Override
    public void problem(String key, String message) {
        throw new IllegalArgumentException(key + ": " + message);
    }

    @Override
    public void close() {
        for (String key : values.keySet()) {
            require(read.contains(key), key);
        }
    }

    private void require(boolean holds, String key) {
        if (!holds) {
            problem(key, "is not as the layer expects, found " + values.get(key));
        }
    }
}
