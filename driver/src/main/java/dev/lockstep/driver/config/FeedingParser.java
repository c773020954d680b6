package dev.lockstep.driver.config;

import dev.lockstep.worker.model.Feeding;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.layer.Reverse;
import dev.lockstep.worker.plan.Sampling;

/** How a configuration has sequences fed to its network. */
record FeedingParser(ConfigSection root, RunConfig.Data data, NetworkSpec network, RunConfig.Training training) {
    private static final String FORCING = "train.teacher-forcing";

    Feeding feeding() {
        int streams = data.sampling() == Sampling.STREAMS ? training.batchSize() : 0;
        boolean buckets = data.sampling() == Sampling.BUCKETS;
        if (buckets && !network.input().hasTime()) {
            root.problem("data.sampling", "is buckets, by the lengths of sequences, but network.input is no sequence");
        }
        if (buckets && data.bootstrap() != null) {
            root.problem("data.sampling", "is buckets, of each example once, but data.bootstrap draws them anew");
        }
        Feeding feeding = new Feeding(streams, forcing());
        if (streams > 0) {
            checkStreams(feeding);
        }
        return feeding;
    }

    /** Examples must follow each other as they lie, and something must go on from one to the next. */
    private void checkStreams(Feeding feeding) {
        if (network.fed(feeding).carriedValues() == 0) {
            root.problem("data.sampling", "is streams, but no layer carries a state: rnn, lstm or gru forward");
        }
        if (network.graph().nodes().stream().anyMatch(node -> node.part() instanceof Reverse)) {
            root.problem("data.sampling", "is streams, but a layer goes from the last step to the first");
        }
        if (training.syncEvery() > 1) {
            root.problem("train.sync-every", "is above 1, where data.sampling = streams needs every step's states");
        }
        if (data.validationFraction() > 0 || data.bootstrap() != null) {
            root.problem(
                    "data.sampling",
                    "is streams, but data.validation-fraction or data.bootstrap tear examples out of their order");
        }
    }

    private double forcing() {
        root.knows(FORCING);
        if (!root.has(FORCING)) {
            return 1;
        }
        double forcing = root.share(FORCING, 1);
        boolean pairs = data.text() != null && data.text().targetPath() != null;
        if (!pairs || network.tokens() == 0) {
            root.problem(FORCING, "is known of pairs alone (data.text.target-path), and a network that reads tokens");
        }
        return forcing;
    }
}
