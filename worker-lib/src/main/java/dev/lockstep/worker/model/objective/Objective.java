package dev.lockstep.worker.model.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** What a network is trained for: which figures tell how good it is. Its output layer brings the loss. */
public enum Objective {
    /** One class an example: the target is one-hot, the largest output is the answer. */
    CLASSIFICATION(Accuracy.NAME, true, true, classes -> List.of(new Accuracy()), Objective::ofClasses),
    /** Any of several labels an example: targets are 0 or 1, an output above 1/2 is a yes. */
    MULTI_LABEL(
            Labels.EXACT,
            true,
            false,
            labels -> List.of(new Labels(labels)),
            labels -> withArea(labels, new Labels(labels))),
    /** Numbers. */
    REGRESSION(
            Errors.RMSE,
            false,
            false,
            values -> List.of(new Errors(values)),
            values -> List.of(new Errors(values), new Determination(values)));

    private final String figure;
    private final boolean moreIsBetter;
    private final boolean ofOrder;
    private final IntFunction<List<Metric>> whileLearning;
    private final IntFunction<List<Metric>> measured;

    Objective(
            String figure,
            boolean moreIsBetter,
            boolean ofOrder,
            IntFunction<List<Metric>> whileLearning,
            IntFunction<List<Metric>> measured) {
        this.figure = figure;
        this.moreIsBetter = moreIsBetter;
        this.ofOrder = ofOrder;
        this.whileLearning = whileLearning;
        this.measured = measured;
    }

    /** As configurations and files spell it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The figure that is shown beside the loss wherever there is room for one. */
    public String figure() {
        return figure;
    }

    /** Whether the greater {@link #figure} is the better one. */
    public boolean isMoreBetter() {
        return moreIsBetter;
    }

    /** The one whose {@link #figure} is among these; classification where none is. */
    public static Objective ofFigures(Collection<String> names) {
        return Arrays.stream(values())
                .filter(objective -> names.contains(objective.figure))
                .findFirst()
                .orElse(CLASSIFICATION);
    }

    /**
     * Whether the metrics while learning ask for the order of an example's outputs alone: what goes into the output's
     * activation does as well as what comes out.
     */
    public boolean isOfOrder() {
        return ofOrder;
    }

    /**
     * What is looked at in every step, beside the loss.
     *
     * @param targets how many classes, labels or values there are
     */
    public Metrics whileLearning(int targets) {
        return new Metrics(whileLearning.apply(targets));
    }

    /** What a whole split is measured by, beside the loss. */
    public Metrics measured(int targets) {
        return new Metrics(measured.apply(targets));
    }

    /**
     * The same of sequences.
     *
     * @param everyStep whether each step is told for itself
     */
    public Metrics whileLearning(int targets, boolean everyStep) {
        return everyStep ? ofSteps(whileLearning(targets), targets) : whileLearning(targets);
    }

    /** The same of sequences. */
    public Metrics measured(int targets, boolean everyStep) {
        Metrics metrics = measured(targets);
        if (everyStep && this == CLASSIFICATION) {
            List<Metric> all = new ArrayList<>(metrics.all());
            all.add(new Perplexity());
            metrics = new Metrics(all);
        }
        return everyStep ? ofSteps(metrics, targets) : metrics;
    }

    /** Of each step, and whether all of them are right; numbers are never quite. */
    private Metrics ofSteps(Metrics metrics, int targets) {
        List<Metric> all = new ArrayList<>();
        metrics.all().forEach(metric -> all.add(new EveryStep(metric, targets)));
        if (this != REGRESSION) {
            all.add(new WholeSequences(targets, this == CLASSIFICATION));
        }
        return new Metrics(all);
    }

    private static List<Metric> ofClasses(int classes) {
        return classes <= Confusion.MOST
                ? withArea(classes, new Accuracy(), new Confusion(classes), new TopAccuracy(3))
                : List.of(new Accuracy(), new TopAccuracy(3));
    }

    private static List<Metric> withArea(int targets, Metric... others) {
        List<Metric> all = new ArrayList<>(List.of(others));
        if (targets <= AreaUnderCurve.MOST) {
            all.add(new AreaUnderCurve(targets));
        }
        return all;
    }
}
