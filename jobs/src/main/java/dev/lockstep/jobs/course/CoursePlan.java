package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.Hocon;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.jobs.course.Exercise.Variant;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a course was told, as its folder keeps it ({@code course.conf}), so that it can go on as it began.
 *
 * @param exercises in the course's order
 * @param overrides {@code key=value} of the user, over every trial's configuration
 * @param data a folder of IDX files, or null for the bundled ones
 * @param cifar10 a folder of CIFAR-10's binary files, or null
 * @param seeds how often each variant is trained; 0 for as often as its exercise says
 * @param conf a file with an exercise that is not the course's own, or null
 */
public record CoursePlan(
        List<Exercise> exercises, List<String> overrides, String data, String cifar10, int seeds, String conf) {
    public static final String FILE = "course.conf";

    public CoursePlan {
        exercises = List.copyOf(exercises);
        overrides = List.copyOf(overrides);
    }

    /**
     * The plan that a course left in its folder.
     *
     * @param stored its {@code course.conf}
     * @throws ModelException when it is damaged
     */
    public static CoursePlan of(Config stored, String place) {
        try {
            String conf = stored.hasPath("conf") ? stored.getString("conf") : null;
            return new CoursePlan(
                    Course.named(stored.getStringList("exercises"), conf),
                    stored.getStringList("overrides"),
                    stored.hasPath("data") ? stored.getString("data") : null,
                    stored.hasPath("cifar10") ? stored.getString("cifar10") : null,
                    stored.getInt("seeds"),
                    conf);
        } catch (ConfigException | ConfigurationException e) {
            throw new ModelException(place + " is damaged (" + e.getMessage() + "); choose another --out", e);
        }
    }

    /** Leaves it in a folder. */
    public void write(RunFolder folder) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("exercises", exercises.stream().map(Exercise::name).toList());
        values.put("overrides", overrides);
        values.put("seeds", seeds);
        if (data != null) {
            values.put("data", data);
        }
        if (cifar10 != null) {
            values.put("cifar10", cifar10);
        }
        if (conf != null) {
            values.put("conf", conf);
        }
        folder.write(FILE, Hocon.text(ConfigFactory.parseMap(values)));
    }

    /** The same settings for other exercises. */
    public CoursePlan of(List<Exercise> others) {
        return new CoursePlan(others, overrides, data, cifar10, seeds, conf);
    }

    /**
     * This plan, to be gone on with by a command that may name some of its settings again, and more exercises.
     *
     * @param others null or empty for what is not said again
     * @throws ModelException when what is said again is something else: trials of two settings must not be mixed
     */
    public CoursePlan resumed(
            List<Exercise> others,
            List<String> otherOverrides,
            String otherData,
            String otherCifar10,
            Integer otherSeeds) {
        if (!otherOverrides.isEmpty()) {
            require("key=value", overrides, otherOverrides, same(overrides, otherOverrides));
        }
        require("--data", data, otherData, otherData == null || otherData.equals(data));
        require("--cifar10", cifar10, otherCifar10, otherCifar10 == null || otherCifar10.equals(cifar10));
        require(
                "--seeds",
                seeds == 0 ? "(as its exercises say)" : seeds,
                otherSeeds,
                otherSeeds == null || otherSeeds == seeds);
        List<String> names = new ArrayList<>();
        exercises.forEach(exercise -> names.add(exercise.name()));
        others.forEach(exercise -> names.add(exercise.name()));
        return new CoursePlan(Course.named(names, conf), overrides, data, cifar10, seeds, conf);
    }

    /** Whether they say the same, in whatever order and however it is written. */
    private static boolean same(List<String> overrides, List<String> others) {
        Config nothing = ConfigFactory.empty();
        return RunConfigParser.override(nothing, overrides).equals(RunConfigParser.override(nothing, others));
    }

    private static void require(String what, Object there, Object here, boolean same) {
        if (!same) {
            throw new ModelException("--resume: the course in the folder has " + what + " " + shown(there)
                    + ", this command " + shown(here)
                    + "; leave it out to go on with the course as it was, or choose another --out");
        }
    }

    private static String shown(Object value) {
        return value == null || value.equals(List.of())
                ? "nothing"
                : value instanceof List<?> words
                        ? String.join(" ", words.stream().map(String::valueOf).toList())
                        : value.toString();
    }

    /** @throws ConfigurationException when there is data that none of the exercises is shown */
    public void requireUseOfData() {
        if (data != null && exercises.stream().noneMatch(this::takesData)) {
            throw new ConfigurationException("--data " + data + ": none of these exercises is on images that are given;"
                    + " leave it out (data.path=... is laid over those on data of another format)");
        }
        if (cifar10 != null
                && exercises.stream().noneMatch(each -> each.outline().needsCifar10())) {
            throw new ConfigurationException(
                    "--cifar10 " + cifar10 + ": none of these exercises is on CIFAR-10; leave it out");
        }
    }

    private boolean takesData(Exercise exercise) {
        return exercise.trains()
                && !isSkipped(exercise)
                && (lacksCifar10(exercise)
                        || !exercise.outline().needsCifar10()
                                && exercise.outline().takesImages());
    }

    /** Whether any of it trains. */
    public boolean needsSpark() {
        return exercises.stream().anyMatch(exercise -> exercise.trains() && !isSkipped(exercise));
    }

    /** Whether an exercise cannot be run for want of its data. */
    boolean isSkipped(Exercise exercise) {
        return lacksCifar10(exercise) && exercise.outline().instead().isEmpty();
    }

    /** Whether an exercise that is meant for CIFAR-10 has to do with other data, or cannot be run. */
    boolean lacksCifar10(Exercise exercise) {
        return exercise.outline().needsCifar10() && cifar10 == null;
    }

    /** A run of a variant. */
    RunConfig config(Exercise exercise, Variant variant, int repetition) {
        return exercise.config(variant, repetition, laidOver(exercise));
    }

    /** What is laid over the configurations of an exercise: the user's words, and where its data is. */
    List<String> laidOver(Exercise exercise) {
        List<String> all = new ArrayList<>();
        if (lacksCifar10(exercise)) {
            all.addAll(exercise.outline().instead());
        }
        all.addAll(overrides);
        String path = takesData(exercise) ? data : exercise.outline().needsCifar10() ? cifar10 : null;
        if (path != null) {
            all.add("data.path=" + path);
        }
        return all;
    }

    int seeds(Exercise exercise) {
        return seeds == 0 ? exercise.outline().seeds() : seeds;
    }
}
