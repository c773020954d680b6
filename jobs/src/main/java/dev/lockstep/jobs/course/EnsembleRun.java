package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.ensemble.BiasVariance;
import dev.lockstep.driver.ensemble.Boosting;
import dev.lockstep.driver.ensemble.Ensemble;
import dev.lockstep.driver.ensemble.EnsembleFile;
import dev.lockstep.driver.evaluate.Evaluator;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.driver.sweep.Trial;
import dev.lockstep.driver.sweep.TrialResult;
import dev.lockstep.driver.sweep.TrialScheduler;
import dev.lockstep.jobs.course.Exercise.Variant;
import dev.lockstep.jobs.course.Result.EnsembleResult;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.seed.SeedLaw;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The exercise of the ensembles: trains the members as trials, makes ensembles of them, and measures both. The members of
 * bagging and stacking train side by side; those of boosting wait for one another, but not for those of another seed.
 */
final class EnsembleRun {
    private static final String TRIALS = "../trials/";

    private final EnsemblesExercise exercise;
    private final Session session;
    private final CoursePlan plan;
    private final RunFolder place;
    private final JavaSparkContext spark;
    private final Dataset dataset;
    private final int members;
    private final int seeds;
    private final List<String> begun = new ArrayList<>(); // of the method at work

    EnsembleRun(EnsemblesExercise exercise, Session session) {
        this.exercise = exercise;
        this.session = session;
        this.plan = session.plan();
        this.place = session.place();
        this.spark = session.spark();
        this.dataset =
                session.datasets().of(plan.config(exercise, exercise.variants().get(0), 0));
        this.members = exercise.members();
        this.seeds = plan.seeds(exercise);
    }

    /** A trained member with its answers to the test examples. */
    private record Member(String name, StoredModel model, List<Answer> answers) {}

    /** The members of one seed, and how they are to be combined. */
    private record Group(List<Member> members, Ensemble.Combination combination, EnsembleFile file) {}

    /** Why a method comes to no ensembles. */
    private static final class NoEnsemble extends Exception {
        private static final long serialVersionUID = 1L;

        NoEnsemble(String why) {
            super(why);
        }
    }

    /**
     * @param ended told of each method's result
     * @return of all methods; one that came to no ensembles says why
     */
    List<EnsembleResult> run(Consumer<EnsembleResult> ended) throws IOException {
        List<EnsembleResult> results = new ArrayList<>();
        try (Evaluator test =
                evaluator(dataset.test(), Subset.all(dataset.test().size()))) {
            for (Variant variant : exercise.variants()) {
                EnsembleResult result = result(variant, test);
                results.add(result);
                ended.accept(result);
            }
        }
        return results;
    }

    private EnsembleResult result(Variant variant, Evaluator test) throws IOException {
        begun.clear();
        try {
            return result(
                    variant.name(),
                    switch (variant.name()) {
                        case "bagging" -> bagging(variant, test);
                        case "boosting" -> boosting(variant, Boosting.Rule.ADABOOST_M1, test);
                        case "boosting-samme" -> boosting(variant, Boosting.Rule.SAMME, test);
                        case "stacking" -> stacking(variant, test);
                        default -> throw new IllegalStateException("no way to make " + variant.name());
                    });
        } catch (NoEnsemble e) {
            return EnsembleResult.without(variant.name(), e.getMessage(), List.copyOf(begun));
        }
    }

    private List<Group> bagging(Variant variant, Evaluator test) throws IOException, NoEnsemble {
        List<List<Trial>> trials = new ArrayList<>();
        for (int seed = 0; seed < seeds; seed++) {
            List<Trial> ofSeed = new ArrayList<>();
            for (int m = 1; m <= members; m++) {
                ofSeed.add(trial(variant, "bagging-" + m, seed, variant.with(), "seed=" + memberSeed(seed, m)));
            }
            trials.add(ofSeed);
        }
        train(trials.stream().flatMap(List::stream).toList());
        List<Group> groups = new ArrayList<>();
        for (List<Trial> ofSeed : trials) {
            List<Member> trained = members(ofSeed, test);
            groups.add(new Group(trained, new Ensemble.Combination.Average(), EnsembleFile.average(paths(trained))));
        }
        return groups;
    }

    private List<Group> boosting(Variant variant, Boosting.Rule rule, Evaluator test) throws IOException, NoEnsemble {
        List<List<Member>> trained = new ArrayList<>();
        List<List<Double>> votes = new ArrayList<>();
        List<Boosting> states = new ArrayList<>();
        for (int seed = 0; seed < seeds; seed++) {
            trained.add(new ArrayList<>());
            votes.add(new ArrayList<>());
            states.add(Boosting.start(rule, Math.toIntExact(dataset.train().size())));
        }
        try (Evaluator train =
                evaluator(dataset.train(), Subset.all(dataset.train().size()))) {
            for (int m = 1; m <= members; m++) {
                List<Trial> round = new ArrayList<>();
                for (int seed = 0; seed < seeds; seed++) {
                    String name = variant.name() + "-" + m;
                    round.add(trial(
                            variant,
                            name,
                            seed,
                            variant.with(),
                            "seed=" + memberSeed(seed, m),
                            "data.weights=" + weights(states.get(seed), Exercise.trialName(name, seed))));
                }
                train(round);
                for (int seed = 0; seed < seeds; seed++) {
                    Member member = members(List.of(round.get(seed)), test).get(0);
                    Boosting.Round added = states.get(seed).add(answers(train, member.model()), dataset.classes());
                    trained.get(seed).add(member);
                    votes.get(seed).add(added.vote());
                    states.set(seed, added.next());
                }
            }
        }
        for (int seed = 0; seed < seeds; seed++) {
            if (votes.get(seed).stream().allMatch(vote -> vote == 0)) {
                throw new NoEnsemble(String.format(
                        Locale.ROOT,
                        "none of the %d members of %s is good enough for a vote; by %s they must %s",
                        members,
                        Exercise.trialName(variant.name(), seed),
                        rule == Boosting.Rule.SAMME ? "SAMME" : "AdaBoost.M1",
                        rule == Boosting.Rule.SAMME ? "be better than guessing" : "be right more often than not"));
            }
        }
        return IntStream.range(0, seeds)
                .mapToObj(seed -> new Group(
                        trained.get(seed),
                        new Ensemble.Combination.Vote(votes.get(seed)),
                        EnsembleFile.vote(paths(trained.get(seed)), votes.get(seed))))
                .toList();
    }

    /** Writes the weights of the next member's examples. */
    private String weights(Boosting state, String trial) throws IOException {
        RunFolder folder = place.folder("weights");
        folder.create();
        folder.write(
                trial + ".txt",
                Arrays.stream(state.weights()).mapToObj(Double::toString).collect(Collectors.joining("\n", "", "\n")));
        return folder.path(trial + ".txt").toString();
    }

    /** The members learn from one part of the training examples, the network on top from their answers to the rest. */
    private List<Group> stacking(Variant variant, Evaluator test) throws IOException, NoEnsemble {
        List<List<Trial>> trials = new ArrayList<>();
        for (int seed = 0; seed < seeds; seed++) {
            List<Trial> ofSeed = new ArrayList<>();
            for (Config network : exercise.networks()) {
                // One seed for all of a group: it draws what is held back.
                ofSeed.add(trial(
                        variant,
                        "stacking-" + network.getString("name"),
                        seed,
                        network.withoutPath("name").withFallback(variant.with())));
            }
            trials.add(ofSeed);
        }
        train(trials.stream().flatMap(List::stream).toList());
        List<List<Member>> trained = new ArrayList<>();
        List<Trial> tops = new ArrayList<>();
        for (int seed = 0; seed < seeds; seed++) {
            List<Member> ofSeed = members(trials.get(seed), test);
            RunConfig config = trials.get(seed).get(0).config();
            Subset heldBack = Subset.validation(
                    new SeedLaw(config.seed()),
                    dataset.train().size(),
                    config.data().validationFraction());
            trained.add(ofSeed);
            tops.add(top(seed, ofSeed, heldBack));
        }
        train(tops);
        List<Group> groups = new ArrayList<>();
        for (int seed = 0; seed < seeds; seed++) {
            groups.add(new Group(
                    trained.get(seed),
                    new Ensemble.Combination.Stack(model(tops.get(seed))),
                    EnsembleFile.stack(
                            paths(trained.get(seed)), TRIALS + tops.get(seed).name())));
        }
        return groups;
    }

    private Trial top(int seed, List<Member> members, Subset heldBack) throws IOException {
        RunFolder folder = place.folder(Exercise.trialName("stacking", seed)).folder("data");
        folder.create();
        List<List<Answer>> seen = new ArrayList<>();
        try (Evaluator evaluator = evaluator(dataset.train(), heldBack)) {
            for (Member member : members) {
                seen.add(answers(evaluator, member.model()));
            }
        }
        write(folder, "train", Ensemble.shown(seen), members.size());
        write(
                folder,
                "t10k",
                Ensemble.shown(members.stream().map(Member::answers).toList()),
                members.size());
        String name = Exercise.trialName("stacking-top", seed);
        Config top = RunConfigParser.override(exercise.top(), plan.laidOver(exercise));
        RunConfig config = RunConfigParser.parse(RunConfigParser.override(
                top,
                List.of(
                        "name=" + name,
                        "seed=" + (1 + seed),
                        "data.path=" + folder.path(),
                        "network.input=[" + members.size() * dataset.classes() + "]")));
        return new Trial(name, Map.of("variant", "stacking-top", "seed", Long.toString(config.seed())), config);
    }

    /** IDX: what the network on top learns from is a data set like any other. */
    private void write(RunFolder folder, String split, Ensemble.Shown shown, int rows) throws IOException {
        folder.write(split + "-images-idx3-ubyte", out -> {
            ByteBuffer header = ByteBuffer.allocate(16);
            int columns = shown.format().features().size() / rows;
            header.putInt(0x803).putInt(shown.labels().length).putInt(rows).putInt(columns);
            out.write(header.array());
            out.write(shown.values());
        });
        folder.write(split + "-labels-idx1-ubyte", out -> {
            out.write(ByteBuffer.allocate(8)
                    .putInt(0x801)
                    .putInt(shown.labels().length)
                    .array());
            for (int label : shown.labels()) {
                out.write(label);
            }
        });
    }

    /** A hundred seeds apart, so that no member of one ensemble is a member of another. */
    private static long memberSeed(int seed, int member) {
        return 100L * (seed + 1) + member;
    }

    private Trial trial(Variant variant, String name, int seed, Config with, String... last) {
        Variant own = new Variant(name, variant.saw(), with);
        RunConfig config = exercise.config(own, seed, plan.laidOver(exercise), List.of(last));
        return new Trial(
                config.name(), Map.of("variant", variant.name(), "seed", Long.toString(config.seed())), config);
    }

    private void train(List<Trial> trials) throws IOException, NoEnsemble {
        List<TrialResult> results = session.scheduler().run(trials);
        results.forEach(result -> begun.add(result.trial().name()));
        for (TrialResult result : results) {
            if (result.status() != RunRecord.Status.FINISHED) {
                throw new NoEnsemble(result.trial().name() + ": "
                        + result.status().name().toLowerCase(Locale.ROOT)
                        + (result.error() == null ? "" : ": " + result.error()));
            }
        }
        if (results.size() < trials.size()) {
            throw new NoEnsemble("interrupted");
        }
    }

    private List<Member> members(List<Trial> trials, Evaluator test) throws IOException {
        List<Member> members = new ArrayList<>();
        for (Trial trial : trials) {
            StoredModel model = model(trial);
            members.add(new Member(trial.name(), model, answers(test, model)));
        }
        return members;
    }

    private StoredModel model(Trial trial) throws IOException {
        RunFolder folder = TrialScheduler.folder(place, trial);
        return ModelFile.read(folder).model();
    }

    /** Without the examples themselves, so that the answers of many members fit in memory. */
    private static List<Answer> answers(Evaluator examples, StoredModel model) {
        return examples.predict(model, Long.MAX_VALUE, "answers of a member").stream()
                .map(answer -> new Answer(answer.index(), new byte[0], answer.target(), answer.outputs()))
                .toList();
    }

    private static List<String> paths(List<Member> members) {
        return members.stream().map(member -> TRIALS + member.name()).toList();
    }

    private EnsembleResult result(String method, List<Group> groups) throws IOException {
        List<List<Answer>> before = new ArrayList<>();
        List<List<Answer>> after = new ArrayList<>();
        List<Double> ofMembers = new ArrayList<>();
        List<Double> ofEnsembles = new ArrayList<>();
        List<String> trials = new ArrayList<>();
        for (int seed = 0; seed < groups.size(); seed++) {
            Group group = groups.get(seed);
            group.file().write(place.folder(Exercise.trialName(method, seed)));
            List<List<Answer>> answers =
                    group.members().stream().map(Member::answers).toList();
            List<Answer> together = new Ensemble(
                            group.members().stream().map(Member::model).toList(),
                            dataset.classes(),
                            group.combination())
                    .combine(answers);
            before.addAll(answers);
            after.add(together);
            ofMembers.add(answers.stream()
                    .mapToDouble(each -> Scores.of(each, dataset.classes()).accuracy())
                    .average()
                    .orElseThrow());
            ofEnsembles.add(Scores.of(together, dataset.classes()).accuracy());
            trials.addAll(group.members().stream().map(Member::name).toList());
        }
        return new EnsembleResult(
                method,
                null,
                trials,
                ofMembers,
                ofEnsembles,
                BiasVariance.of(before),
                after.size() > 1 ? BiasVariance.of(after) : null); // nobody can tell the two apart of one
    }

    private Evaluator evaluator(ExampleSet split, Subset subset) {
        return new Evaluator(
                spark,
                Feed.of(spark, split, spark.defaultParallelism()),
                subset,
                dataset.format(),
                Objective.CLASSIFICATION);
    }
}
