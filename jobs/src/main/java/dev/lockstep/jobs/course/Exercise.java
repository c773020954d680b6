package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import java.util.List;
import java.util.Locale;

/**
 * One row of the course, as its file in {@code conf/course} says it.
 *
 * @param name the file's name; what the command takes
 * @param row what the course calls it
 * @param about the setting, in a sentence
 * @param saw what the course saw, where it is not a matter of variants; may be empty
 * @param histograms whether the report shows activations and gradients layer by layer
 * @param needsCifar10 whether it runs on CIFAR-10 instead of the data given
 * @param seeds how often each variant is trained at least, with one seed after the other
 * @param base what all variants share, a run's configuration
 * @param settings the file itself, for what only one kind of exercise has
 */
public record Exercise(
        String name,
        Kind kind,
        String row,
        String title,
        String about,
        String saw,
        boolean histograms,
        boolean needsCifar10,
        int seeds,
        Config base,
        List<Variant> variants,
        Config settings) {

    /** What is done. */
    public enum Kind {
        /** Each variant is a training run. */
        TRIALS,
        /** Single models and what is made of several of them. */
        ENSEMBLES,
        /** Values of fixed networks, forward. */
        FORWARD_PROPAGATION,
        /** One step of back-propagation of a fixed network. */
        BACK_PROPAGATION,
        /** A network learns a function of real numbers, one example a step. */
        REGRESSION,
        /** im2col and col2im, step by step. */
        UNFOLDING
    }

    /** @param with laid over the exercise's base */
    public record Variant(String name, Saw saw, Config with) {}

    static Exercise of(String name, Config file) {
        Config nothing = ConfigFactory.empty();
        return new Exercise(
                name,
                file.hasPath("kind")
                        ? Kind.valueOf(
                                file.getString("kind").toUpperCase(Locale.ROOT).replace('-', '_'))
                        : Kind.TRIALS,
                file.getString("row"),
                file.getString("title"),
                file.getString("about"),
                file.hasPath("saw") ? file.getString("saw") : "",
                file.hasPath("histograms") && file.getBoolean("histograms"),
                file.hasPath("needs") && file.getString("needs").equals("cifar10"),
                file.hasPath("seeds") ? file.getInt("seeds") : 1,
                file.hasPath("base") ? file.getConfig("base") : nothing,
                file.hasPath("variants")
                        ? file.getConfigList("variants").stream()
                                .map(variant -> new Variant(
                                        variant.getString("name"),
                                        variant.hasPath("saw") ? Saw.of(variant.getConfig("saw")) : Saw.NOTHING,
                                        variant.hasPath("with") ? variant.getConfig("with") : nothing))
                                .toList()
                        : List.of(),
                file);
    }

    /** Whether its variants are training runs. */
    boolean trains() {
        return kind == Kind.TRIALS || kind == Kind.ENSEMBLES;
    }

    /** Whether a name means this exercise: its own, or the beginning of it up to an underscore. */
    boolean answersTo(String word) {
        return name.equals(word) || name.startsWith(word + "_");
    }

    /**
     * The run of a variant with one seed.
     *
     * @param repetition 0 for the configured seed, 1 for the next one, ...
     * @param overrides {@code key=value} of the user
     */
    RunConfig config(Variant variant, int repetition, List<String> overrides) {
        return config(variant, repetition, overrides, List.of());
    }

    /** @param last over everything else */
    RunConfig config(Variant variant, int repetition, List<String> overrides, List<String> last) {
        Config whole = RunConfigParser.override(variant.with().withFallback(base), overrides);
        long seed = (whole.hasPath("seed") ? whole.getLong("seed") : 1) + repetition;
        Config named = RunConfigParser.override(
                whole, List.of("name=" + trialName(variant.name(), repetition), "seed=" + seed));
        return RunConfigParser.parse(RunConfigParser.override(named, last));
    }

    /** A trial's name: the variant's, with the repetition behind it from the second on. */
    static String trialName(String variant, int repetition) {
        return repetition == 0 ? variant : variant + "-seed" + (repetition + 1);
    }
}
