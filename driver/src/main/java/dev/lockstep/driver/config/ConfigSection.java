package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueType;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the keys of one object of a configuration, each with its default beside it. Problems are collected, not thrown,
 * so that a user hears of all of them at once; a reader that fails gives the default. What was asked for is what is
 * known: {@link #close} reports every other key as unknown, with the known one that may be meant.
 */
final class ConfigSection implements Keys {
    private static final Pattern EVERY = Pattern.compile("(\\d+)\\s*(|steps?|iterations?|epochs?)");

    private final WrittenObject written;
    private final Config config;
    private final List<String> problems;
    private final Set<String> known;
    private final Map<String, Object> resolved;
    private final Record whole;
    private final boolean isFree;

    /** What is found out about the keys of a whole configuration, by their full names. */
    private static final class Record {
        private final Map<String, RunConfig.Secret> secrets = new TreeMap<>();
        private final Set<String> free = new TreeSet<>();
        private final Set<String> usual = new TreeSet<>();
        private final Set<String> telling = new TreeSet<>();
    }

    /**
     * @param masked the same with marks in the place of secrets
     * @param path where the object is in the whole configuration, "" for the root; used in messages
     */
    ConfigSection(Config config, Config masked, String path, List<String> problems) {
        this(new WrittenObject(config, masked, path), problems, new Record());
    }

    private ConfigSection(WrittenObject written, List<String> problems, Record whole) {
        this.written = written;
        this.config = written.config();
        this.problems = problems;
        this.whole = whole;
        this.known = new LinkedHashSet<>();
        this.resolved = new LinkedHashMap<>();
        this.isFree = false;
    }

    private ConfigSection(ConfigSection same, boolean isFree) {
        this.written = same.written;
        this.config = same.config;
        this.problems = same.problems;
        this.whole = same.whole;
        this.known = same.known;
        this.resolved = same.resolved;
        this.isFree = isFree;
    }

    /**
     * This section, for a key that no bit of the trained model depends on: a run may be resumed with another value. Where
     * data lies, how work is spread, when it is looked at.
     */
    ConfigSection free() {
        return new ConfigSection(this, true);
    }

    /** Whether there is such an object. Being there tells something, even if its keys have their usual values. */
    boolean hasObject(String key) {
        whole.telling.add(written.full(key) + ".");
        return has(key);
    }

    /** The keys read, in this section and in those inside, that hold a secret. */
    Map<String, RunConfig.Secret> secrets() {
        return whole.secrets;
    }

    /** Those that were read as {@link #free}. */
    Set<String> freeKeys() {
        return whole.free;
    }

    /** Those with the value that they have when they are not given. */
    Set<String> usualKeys() {
        return whole.usual;
    }

    /** Every key that was read, with the value used; with marks in the place of secrets. */
    Map<String, Object> resolved() {
        return resolved;
    }

    /** Counts a key as known, though there is no need to read it. */
    void knows(String key) {
        known.add(key);
    }

    @Override
    public boolean has(String key) {
        return config.hasPath(key);
    }

    @Override
    public String text(String key, String fallback) {
        return read(key, fallback, "text", config::getString, value -> value);
    }

    @Override
    public int integer(String key, int fallback, int least, int most) {
        return (int) integer(key, (long) fallback, least, most);
    }

    long integer(String key, long fallback, long least, long most) {
        String range = most == Long.MAX_VALUE ? "at least " + least : "from " + least + " to " + most;
        return read(
                key,
                fallback,
                "a whole number " + range,
                name -> {
                    // getLong would cut 1.5 down to 1, so the text decides.
                    long value = Long.parseLong(config.getString(name).trim());
                    return require(value, value >= least && value <= most);
                },
                value -> value);
    }

    long anyInteger(String key, long fallback) {
        return read(
                key,
                fallback,
                "a whole number",
                name -> Long.parseLong(config.getString(name).trim()),
                v -> v);
    }

    /** A whole number, or a word that stands for one. */
    @Override
    public int integerOr(String word, int meaning, String key, int fallback, int least) {
        return read(
                key,
                fallback,
                "a whole number at least " + least + " or " + word,
                name -> {
                    String text = config.getString(name).trim();
                    int value = text.equals(word) ? meaning : Integer.parseInt(text);
                    return require(value, value >= least || value == meaning && text.equals(word));
                },
                value -> value == meaning ? word : value);
    }

    /** A number in {@code (0, most]}. */
    double upTo(String key, double fallback, double most) {
        return number(
                key, fallback, "a number above 0 and at most " + plain(most), value -> value > 0 && value <= most);
    }

    /** A number in {@code [0, 1]}. */
    double share(String key, double fallback) {
        return number(key, fallback, "a number from 0 to 1", value -> value >= 0 && value <= 1);
    }

    /** A number above 0; infinity, for no bound, when the key is not given. */
    double bound(String key) {
        Double value = number(key, null, "a number above 0", bound -> bound > 0 && bound < Double.POSITIVE_INFINITY);
        return value == null ? Double.POSITIVE_INFINITY : value;
    }

    private Double number(String key, Double fallback, String expected, DoublePredicate valid) {
        return read(
                key,
                fallback,
                expected,
                name -> {
                    double value = Double.parseDouble(config.getString(name).trim());
                    return require(value, valid.test(value));
                },
                value -> value);
    }

    @Override
    public double number(String key, double fallback, Interval range) {
        return number(key, fallback, range, value -> value);
    }

    @Override
    public double float32(String key, double fallback, Interval range) {
        return number(key, fallback, range, value -> (float) value);
    }

    private double number(String key, double fallback, Interval range, DoubleUnaryOperator rounding) {
        return number(
                key,
                fallback,
                "a number " + range,
                value -> range.contains(value) && range.contains(rounding.applyAsDouble(value)));
    }

    @Override
    public String word(String key, Set<String> words, String missing) {
        if (!has(key)) {
            known.add(key);
            problem("", missing);
            return null;
        }
        return word(key, null, words);
    }

    /** One of several words. */
    String word(String key, String fallback, Set<String> words) {
        return read(
                key,
                fallback,
                "one of " + String.join(", ", words),
                name -> {
                    String text = config.getString(name);
                    if (!words.contains(text)) {
                        throw new Unknown(Vocabulary.meant(text, words));
                    }
                    return text;
                },
                value -> value);
    }

    /** A text, or a list of them. */
    List<String> texts(String key, List<String> fallback) {
        return read(
                key,
                fallback,
                "a name or a list of names",
                name -> config.getValue(name).valueType() == ConfigValueType.LIST
                        ? config.getStringList(name)
                        : List.of(config.getString(name)),
                value -> value);
    }

    /** A value of a form of its own, of which the reader refuses every other by an IllegalArgumentException. */
    <T> T value(String key, String expected, Function<Object, T> reader, Function<T, Object> plain) {
        return read(key, null, expected, name -> reader.apply(config.getAnyRef(name)), plain);
    }

    boolean flag(String key, boolean fallback) {
        return read(key, fallback, "true or false", config::getBoolean, value -> value);
    }

    @Override
    public <E extends Enum<E>> E choice(String key, E fallback, Class<E> type) {
        Map<String, E> constants = new LinkedHashMap<>();
        for (E constant : type.getEnumConstants()) {
            constants.put(name(constant), constant);
        }
        String word = word(key, fallback == null ? null : name(fallback), constants.keySet());
        return word == null ? null : constants.get(word);
    }

    /** "200 steps", "1 epoch"; a number alone counts steps. */
    Every every(String key, Every fallback) {
        return read(
                key,
                fallback,
                "a number of steps or epochs, such as \"200 steps\" or \"1 epoch\"",
                name -> {
                    Matcher matcher = EVERY.matcher(config.getString(name).trim());
                    require(0, matcher.matches());
                    int count = Integer.parseInt(matcher.group(1));
                    require(count, count >= 1);
                    return new Every(
                            count, matcher.group(2).startsWith("epoch") ? Every.Unit.EPOCHS : Every.Unit.STEPS);
                },
                Every::toString);
    }

    List<Integer> integers(String key, List<Integer> fallback) {
        return read(
                key,
                fallback,
                "a list of whole numbers",
                // getIntList would cut 1.5 down to 1, so the text decides.
                name -> config.getStringList(name).stream()
                        .map(text -> Integer.valueOf(text.trim()))
                        .toList(),
                value -> value);
    }

    /** The objects of a list, each to be read as a section of its own. */
    @Override
    public List<ConfigSection> sections(String key) {
        List<? extends Config> objects = parsed(key, List.of(), "a list of objects", config::getConfigList);
        List<ConfigSection> sections = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (Config object : objects) {
            WrittenObject one = new WrittenObject(
                    object,
                    written.masked().getConfigList(key).get(sections.size()),
                    written.full(key) + "[" + sections.size() + "]");
            ConfigSection section = new ConfigSection(one, problems, whole);
            sections.add(section);
            values.add(section.resolved);
        }
        resolved.put(key, values);
        return sections;
    }

    /** Reports a problem with a key of this section. */
    @Override
    public void problem(String key, String message) {
        problems.add(
                Excerpt.of(key.isEmpty() ? written.path() : written.full(key)) + ": " + message + written.where(key));
    }

    /** Reports the keys that nobody asked for. */
    @Override
    public void close() {
        for (String key : written.leaves(known)) {
            if (known.stream().anyMatch(longer -> longer.startsWith(key + "."))) {
                problem(key, "expected an object, found " + written.found(key));
            } else if (!known.contains(key)) {
                problem(key, Vocabulary.unknownKey(key, known, written.full("")));
            }
        }
    }

    /** A word that is none of the known ones. */
    private static final class Unknown extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        private final String hint;

        Unknown(String hint) {
            this.hint = hint;
        }
    }

    private <T> T read(String key, T fallback, String expected, Function<String, T> reader, Function<T, Object> plain) {
        T value = parsed(key, fallback, expected, reader);
        if (written.isSecret(key)) {
            resolved.put(key, written.masked().getValue(key).unwrapped());
            whole.secrets.put(written.full(key), written.secret(key));
        } else if (value != null) {
            resolved.put(key, plain.apply(value));
            if (value.equals(fallback) && whole.telling.stream().noneMatch(written.full(key)::startsWith)) {
                whole.usual.add(written.full(key));
            }
        }
        if (isFree) {
            whole.free.add(written.full(key));
        }
        return value;
    }

    private <T> T parsed(String key, T fallback, String expected, Function<String, T> reader) {
        known.add(key);
        T value = fallback;
        if (config.hasPath(key)) {
            try {
                value = reader.apply(key);
            } catch (Unknown e) {
                problem(key, "expected " + expected + ", found " + written.found(key) + e.hint);
            } catch (ConfigException | IllegalArgumentException e) {
                problem(key, "expected " + expected + ", found " + written.found(key));
            }
        }
        return value;
    }

    private static <T> T require(T value, boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException();
        }
        return value;
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
