package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.sweep.Trial;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One row of the course, as its file in {@code conf/course} says it. Each kind is a class that knows how it is run. */
public sealed interface Exercise permits TrialsExercise, EnsemblesExercise, WorkedExercise {

    /**
     * What the file says, whatever the kind.
     *
     * @param name the file's name; what the command takes
     * @param row what the course calls it
     * @param about the setting, in a sentence
     * @param saw what the course saw, where it is not a matter of variants; may be empty
     * @param figure the word of its own {@link ExerciseFigure}; empty for none
     * @param needsCifar10 whether it runs on CIFAR-10 instead of the data given
     * @param instead {@code key=value} that let it run on the data given, where there is no CIFAR-10; empty when it cannot
     * @param seeds how often each variant is trained, with one seed after the other, unless the user says how often
     * @param turns what a student may turn by a short word: a {@link Turn}'s, or of a worked exercise its own
     * @param base what all variants share, a run's configuration
     */
    record Outline(
            String name,
            String row,
            String title,
            String about,
            String saw,
            String figure,
            boolean needsCifar10,
            List<String> instead,
            int seeds,
            List<String> turns,
            Config base,
            List<Variant> variants) {

        /** Whether it runs on the images that are given; else it brings its own data. */
        boolean takesImages() {
            return !base.hasPath("data.format") || base.getString("data.format").equals("idx");
        }

        private static Outline of(String name, Config file) {
            return new Outline(
                    name,
                    file.hasPath("row") ? file.getString("row") : name,
                    file.hasPath("title") ? file.getString("title") : name,
                    file.hasPath("about") ? file.getString("about") : "",
                    file.hasPath("saw") ? file.getString("saw") : "",
                    file.hasPath("figure") ? file.getString("figure") : "",
                    file.hasPath("needs") && file.getString("needs").equals("cifar10"),
                    file.hasPath("instead") ? file.getStringList("instead") : List.of(),
                    file.hasPath("seeds") ? file.getInt("seeds") : 1,
                    file.hasPath("turns") ? file.getStringList("turns") : List.of(),
                    file.hasPath("base") ? file.getConfig("base") : ConfigFactory.empty(),
                    variants(file));
        }

        /** One that is as the base is where the file of an exercise that trains names none. */
        private static List<Variant> variants(Config file) {
            if (file.hasPath("grid")) {
                return grid(file);
            }
            if (file.hasPath("variants")) {
                return file.getConfigList("variants").stream().map(Variant::of).toList();
            }
            return file.hasPath("kind")
                    ? List.of()
                    : List.of(new Variant("as-it-is", Saw.NOTHING, ConfigFactory.empty()));
        }

        /** Every one of the first list with every one of the others, their names joined. */
        private static List<Variant> grid(Config file) {
            List<Variant> crossed = List.of(new Variant("", Saw.NOTHING, ConfigFactory.empty(), List.of()));
            for (ConfigValue axis : file.getList("grid")) {
                List<Variant> along = axis.atKey("axis").getConfigList("axis").stream()
                        .map(Variant::of)
                        .toList();
                crossed = crossed.stream()
                        .flatMap(before -> along.stream().map(before::and))
                        .toList();
            }
            return crossed;
        }
    }

    /**
     * @param with laid over the exercise's base
     * @param along of a grid, what it has of each list; else empty
     */
    record Variant(String name, Saw saw, Config with, List<String> along) {
        private static final String JOINT = "-";

        Variant(String name, Saw saw, Config with) {
            this(name, saw, with, List.of());
        }

        private static Variant of(Config variant) {
            return new Variant(
                    variant.getString("name"),
                    variant.hasPath("saw") ? Saw.of(variant.getConfig("saw")) : Saw.NOTHING,
                    variant.hasPath("with") ? variant.getConfig("with") : ConfigFactory.empty());
        }

        private Variant and(Variant other) {
            String both = name.isEmpty() ? other.name : name + JOINT + other.name;
            List<String> all =
                    Stream.concat(along.stream(), Stream.of(other.name)).toList();
            return new Variant(both, Saw.NOTHING, other.with.withFallback(with), all);
        }
    }

    static Exercise of(String name, Config file) {
        Outline outline = Outline.of(name, file);
        String kind = file.hasPath("kind") ? file.getString("kind") : "trials";
        return switch (kind) {
            case "trials" -> TrialsExercise.of(outline, file);
            case "ensembles" -> EnsemblesExercise.of(outline, file);
            case "forward-propagation" -> new WorkedExercise(outline, WorkedExamples::forwardPropagation);
            case "back-propagation" -> new WorkedExercise(outline, none -> WorkedExamples.backPropagation());
            case "chain-rule" ->
                new WorkedExercise(outline, turned -> ChainRule.of(turned).passages());
            case "unfolding" -> new WorkedExercise(outline, Unfolding::exercise);
            default -> throw new IllegalArgumentException(name + ".conf: there is no kind of exercise '" + kind + "'");
        };
    }

    Outline outline();

    /**
     * Runs it.
     *
     * @param begun to be filled
     */
    Result run(Session session, Result begun) throws IOException;

    /** The training runs that are known before any has ended. */
    default List<Trial> trials(CoursePlan plan) {
        return List.of();
    }

    /** How many training runs one of these stands for. */
    default int runs(Trial trial) {
        return 1;
    }

    /** Whether its variants are training runs. */
    default boolean trains() {
        return false;
    }

    default String name() {
        return outline().name();
    }

    default String row() {
        return outline().row();
    }

    default String title() {
        return outline().title();
    }

    default String about() {
        return outline().about();
    }

    default String saw() {
        return outline().saw();
    }

    default List<Variant> variants() {
        return outline().variants();
    }

    /** Whether a name means this exercise: its own, or the beginning of it up to an underscore. */
    default boolean answersTo(String word) {
        return name().equals(word) || name().startsWith(word + "_");
    }

    /**
     * The run of a variant with one seed.
     *
     * @param repetition 0 for the configured seed, 1 for the next one, ...
     * @param overrides {@code key=value} of the user
     */
    default RunConfig config(Variant variant, int repetition, List<String> overrides) {
        return config(variant, repetition, overrides, List.of());
    }

    /** @param last over everything else */
    default RunConfig config(Variant variant, int repetition, List<String> overrides, List<String> last) {
        Config whole = turned(variant.with().withFallback(outline().base()), overrides);
        long seed = (whole.hasPath("seed") ? whole.getLong("seed") : 1) + repetition;
        Config named = RunConfigParser.override(
                whole, List.of("name=" + trialName(variant.name(), repetition), "seed=" + seed));
        try {
            return RunConfigParser.parse(RunConfigParser.override(named, last));
        } catch (ConfigurationException e) {
            throw e.getMessage().contains("unknown key") && !overrides.isEmpty()
                    ? new ConfigurationException(e.getMessage() + "; " + turnable(), e)
                    : e;
        }
    }

    /** Words as they were typed, one over the other: what may be turned, and keys of the configuration. */
    private Config turned(Config run, List<String> words) {
        Config result = run;
        for (String word : words) {
            String key = key(word);
            Optional<Turn> turn = Turn.of(key);
            if (turn.isPresent() && !outline().turns().contains(key)) {
                throw new ConfigurationException(
                        key + ": is nothing that can be turned in " + name() + "; " + turnable());
            }
            result = turn.isPresent()
                    ? turn.get()
                            .over(result, word.substring(word.indexOf('=') + 1).trim())
                    : RunConfigParser.override(result, List.of(word));
        }
        return result;
    }

    /** What may be turned, for people. */
    default String turnable() {
        return name() + " has "
                + (outline().turns().isEmpty()
                        ? "no short words"
                        : "these to turn: " + Turn.explained(outline().turns()))
                + (trains() ? "; and every key of a configuration" : "");
    }

    /** What stands before the equals sign. */
    static String key(String word) {
        return word.substring(0, Math.max(0, word.indexOf('='))).trim();
    }

    /** A trial's name: the variant's, with the repetition behind it from the second on. */
    static String trialName(String variant, int repetition) {
        return repetition == 0 ? variant : variant + "-seed" + (repetition + 1);
    }
}
