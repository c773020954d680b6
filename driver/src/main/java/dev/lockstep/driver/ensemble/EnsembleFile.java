package dev.lockstep.driver.ensemble;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.ensemble.Ensemble.Combination;
import dev.lockstep.driver.evaluate.Evaluator.Model;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.failure.ModelException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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

    private static final ObjectMapper JSON = new ObjectMapper();

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
        folder.write(NAME, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    }

    /**
     * Reads an ensemble with its members' models.
     *
     * @throws ModelException when the file is damaged, or a member is missing or not like the others
     */
    public static Opened open(RunFolder folder) throws IOException {
        EnsembleFile file = read(folder);
        List<Model> models = new ArrayList<>();
        ModelFile.Contents first = null;
        for (String member : file.members()) {
            ModelFile.Contents contents = model(folder, member);
            first = first == null ? contents : first;
            if (!contents.input().equals(first.input()) || contents.classes() != first.classes()) {
                throw new ModelException(folder.path(NAME) + ": its members differ: "
                        + file.members().get(0) + " takes "
                        + first.input() + " and tells " + first.classes() + " classes, " + member + " "
                        + contents.input() + " and " + contents.classes());
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

    private static EnsembleFile read(RunFolder folder) throws IOException {
        String place = folder.path(NAME).toString();
        try {
            EnsembleFile file = JSON.readValue(folder.read(NAME), EnsembleFile.class);
            boolean known = file.combination() != null
                    && List.of("average", "vote", "stack").contains(file.combination());
            boolean whole = file.members() != null
                    && !file.members().isEmpty()
                    && (!"vote".equals(file.combination())
                            || file.weights() != null
                                    && file.weights().size() == file.members().size())
                    && (!"stack".equals(file.combination()) || file.stack() != null);
            if (known && whole) {
                return file;
            }
            throw new ModelException(String.format(
                    Locale.ROOT,
                    "%s: expected a combination of average, vote (with a weight for each member) or stack (with the run on"
                            + " top) and at least one member, found %s",
                    place,
                    file));
        } catch (JsonProcessingException e) {
            throw new ModelException(
                    place + " is damaged: "
                            + e.getOriginalMessage().lines().findFirst().orElse(""),
                    e);
        }
    }

    private static ModelFile.Contents model(RunFolder folder, String run) throws IOException {
        RunFolder place = folder.folder(run);
        try {
            return ModelFile.read(place);
        } catch (FileNotFoundException e) {
            throw new ModelException(
                    folder.path(NAME) + ": names the run " + run + ", but there is no " + place.path(ModelFile.NAME));
        }
    }
}
