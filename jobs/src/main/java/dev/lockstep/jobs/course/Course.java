package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import dev.lockstep.driver.config.EditDistance;
import dev.lockstep.driver.config.Hocon;
import dev.lockstep.driver.run.TrialLine;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.File;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The exercises that come with Lockstep, in the course's order. */
public final class Course {
    private static final String FOLDER = "conf/course/";

    private Course() {}

    /** Read once: they come with the jar. */
    private static final class Read {
        static final List<Exercise> EXERCISES = file("course").getStringList("exercises").stream()
                .map(name -> Exercise.of(name, file(name)))
                .toList();
    }

    public static List<Exercise> exercises() {
        return Read.EXERCISES;
    }

    /**
     * The exercises that words mean, in the course's order.
     *
     * @param words names, or their beginnings up to an underscore ({@code 2_4}, {@code 2_5_dropout}), or {@code all}
     * @throws ConfigurationException when a word means none; the nearest name is in the message
     */
    public static List<Exercise> named(List<String> words) {
        return named(words, null);
    }

    /**
     * The same, with an exercise of the user's own before them.
     *
     * @param conf its file; null for none
     * @throws ConfigurationException also when the file holds no exercise
     */
    public static List<Exercise> named(List<String> words, String conf) {
        List<Exercise> all = new ArrayList<>(exercises());
        if (conf != null) {
            all.add(0, own(conf));
        }
        Set<Exercise> meant = new LinkedHashSet<>();
        for (String word : words) {
            List<Exercise> found = all.stream()
                    .filter(exercise -> word.equals("all") || exercise.answersTo(word))
                    .toList();
            // A whole name means that exercise alone, though others begin with it.
            List<Exercise> exact =
                    found.stream().filter(e -> e.name().equals(word)).toList();
            meant.addAll(exact.isEmpty() ? found : exact);
            if (found.isEmpty()) {
                throw new ConfigurationException("there is no exercise '" + word + "'; the nearest is "
                        + nearest(word, all) + "; lockstep course list shows all");
            }
        }
        return all.stream().filter(meant::contains).toList();
    }

    /** By as much of a name as the word is long: 2_9 is near 2_8, not near a short name. */
    private static String nearest(String word, List<Exercise> all) {
        return all.stream()
                .map(Exercise::name)
                .min(Comparator.comparingInt(name -> Math.min(
                        EditDistance.between(word, name),
                        EditDistance.between(word, name.substring(0, Math.min(word.length(), name.length()))))))
                .orElseThrow();
    }

    /** An exercise in a file of the user's; its name is the file's. */
    public static Exercise own(String conf) {
        File file = new File(conf);
        String name = file.getName().replaceFirst("\\.conf$", "");
        if (!TrialLine.isName(name)) {
            throw new ConfigurationException(
                    "--conf " + conf + ": an exercise is called as its file, by letters, digits,"
                            + " dots, dashes and underscores; rename it");
        }
        try {
            ConfigResolveOptions within = ConfigResolveOptions.noSystem();
            return Exercise.of(name, Hocon.file(file).resolve(within));
        } catch (ConfigException | ConfigurationException | IllegalArgumentException e) {
            throw new ConfigurationException(
                    "--conf " + conf + ": is no exercise: " + Excerpt.line(e.getMessage())
                            + "; docs/course.md shows what one has in it",
                    e);
        }
    }

    private static Config file(String name) {
        ConfigParseOptions strict = ConfigParseOptions.defaults().setAllowMissing(false);
        return ConfigFactory.parseResources(Course.class.getClassLoader(), FOLDER + name + ".conf", strict)
                .resolve();
    }
}
