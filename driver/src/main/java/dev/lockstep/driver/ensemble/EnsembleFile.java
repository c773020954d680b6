package dev.lockstep.driver.ensemble;

import dev.lockstep.driver.ensemble.Ensemble.Combination;
import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.StoredJson;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.ModelException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * {@code ensemble.json}: which runs an ensemble is made of, and how.
 *
 * @param combination {@code average}, {@code vote} or {@code stack}
 * @param members the members' run folders, relative to the ensemble's
 * @param weights of the members' votes; empty but for {@code vote}
 * @param stack the run folder of the network on top; null but for {@code stack}
 */
public record EnsembleFile(String combination, List<String> members, List<Double> weights, String stack) {
    public static final String NAME = "ensemble.json";

    private static final Pattern RELATIVE = Pattern.compile("[^/:\\p{Cntrl}][^:\\p{Cntrl}]{0,500}");

    /** An ensemble, and the run folder of its first member, which says what data it is for. */
    public record Opened(Ensemble ensemble, ModelFile.Contents member, RunFolder memberFolder) {}

    public static EnsembleFile average(List<String> members) {
        return new EnsembleFile("average", members, List.of(), null);
    }

    public static EnsembleFile vote(List<String> members, List<Double> weights) {
        return new EnsembleFile("vote", members, weights, null);
    }

    public static EnsembleFile stack(List<String> members, String stack) {
        return new EnsembleFile("stack", members, List.of(), stack);
    }

    public void write(RunFolder folder) throws IOException {
        folder.create();
        folder.write(NAME, StoredJson.file(this));
    }

    /**
     * Reads an ensemble with its members' models.
     *
     * @throws ModelException when the file is damaged, or a member is missing or not like the others
     */
    public static Opened open(RunFolder folder) throws IOException {
        EnsembleFile file = read(folder);
        List<StoredModel> models = new ArrayList<>();
        Map<String, ModelFile.Contents> read = new HashMap<>(); // a name that is there often costs memory once
        ModelFile.Contents first = null;
        for (String member : file.members()) {
            ModelFile.Contents contents = read.get(member);
            if (contents == null) {
                contents = model(folder, member);
                read.put(member, contents);
            }
            first = first == null ? contents : first;
            if (!contents.input().equals(first.input()) || contents.classes() != first.classes()) {
                throw new ModelException(folder.path(NAME) + ": its members differ: "
                        + file.members().get(0) + " takes "
                        + first.input() + " and tells " + first.classes() + " classes, " + member + " "
                        + contents.input() + " and " + contents.classes());
            }
            if (!contents.fitted().equals(first.fitted())) {
                throw new ModelException(folder.path(NAME) + ": its members differ: "
                        + file.members().get(0) + " and " + member
                        + " were trained with other columns, words or scaling");
            }
            models.add(contents.model());
        }
        Combination combination =
                switch (file.combination()) {
                    case "vote" -> new Combination.Vote(file.weights());
                    case "stack" ->
                        new Combination.Stack(model(folder, file.stack()).model());
                    default -> new Combination.Average();
                };
        return new Opened(
                new Ensemble(models, first.classes(), combination),
                first,
                folder.folder(file.members().get(0)));
    }

    /** A folder beside or below the ensemble's: a name of another host would have us ask a stranger's. */
    private static RunFolder member(RunFolder folder, String run) {
        if (run == null || !RELATIVE.matcher(run).matches()) {
            throw new ModelException(folder.path(NAME) + ": a member is called '" + Excerpt.of(run)
                    + "'; expected a run's folder, relative to the ensemble's");
        }
        return folder.folder(run);
    }

    private static EnsembleFile read(RunFolder folder) throws IOException {
        String place = folder.path(NAME).toString();
        try {
            EnsembleFile file = StoredJson.read(folder, NAME).as(EnsembleFile.class);
            boolean whole = file.members() != null
                    && !file.members().isEmpty()
                    && file.combination() != null
                    && switch (file.combination()) {
                        case "average" -> true;
                        case "vote" ->
                            file.weights() != null
                                    && file.weights().size() == file.members().size();
                        case "stack" -> file.stack() != null;
                        default -> false;
                    };
            if (whole) {
                if (file.combination().equals("vote")) {
                    checkWeights(place, file.weights());
                }
                return file;
            }
            throw new ModelException(String.format(
                    Locale.ROOT,
                    "%s: expected a combination of average, vote (with a weight for each member) or stack (with the run on"
                            + " top) and at least one member, found %s",
                    place,
                    Excerpt.of(file)));
        } catch (DamagedFileException e) {
            throw new ModelException(place + " is damaged: " + e.reason(), e);
        }
    }

    private static void checkWeights(String place, List<Double> weights) {
        double sum = 0;
        for (int i = 0; i < weights.size(); i++) {
            Double weight = weights.get(i);
            if (weight == null || !(weight >= 0) || weight == Double.POSITIVE_INFINITY) {
                throw new ModelException(place + ": the weight of member " + (i + 1) + " is " + weight
                        + "; expected a finite number of at least 0");
            }
            sum += weight;
        }
        if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
            throw new ModelException(place + ": its weights add up to " + sum + "; expected a finite sum above 0");
        }
    }

    private static ModelFile.Contents model(RunFolder folder, String run) throws IOException {
        RunFolder place = member(folder, run);
        try {
            return ModelFile.read(place);
        } catch (FileNotFoundException e) {
            throw new ModelException(
                    folder.path(NAME) + ": names the run " + run + ", but there is no " + place.path(ModelFile.NAME));
        }
    }
}
