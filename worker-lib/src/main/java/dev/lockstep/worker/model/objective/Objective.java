package dev.lockstep.worker.model.objective;

import java.util.List;

/** What a network is trained for. */
public enum Objective {
    /** One class an example: the target is one-hot, the largest output is the answer. */
    CLASSIFICATION(List.of(new Accuracy()));

    private final Metrics whileLearning;

    Objective(List<Metric> whileLearning) {
        this.whileLearning = new Metrics(whileLearning);
    }

    /** What is looked at in every step, beside the loss. */
    public Metrics whileLearning() {
        return whileLearning;
    }
}
