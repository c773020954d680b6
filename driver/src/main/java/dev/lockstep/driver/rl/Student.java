package dev.lockstep.driver.rl;

import dev.lockstep.driver.config.RlConfig;
import dev.lockstep.driver.exchange.Exchange;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.loop.TrainingLoop;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.rl.Brain;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.util.List;

/** A network that learns: each iteration's examples are a data set of their own, and the one training loop learns from it. */
final class Student {
    private final RlConfig config;
    private final Actors actors;
    private final SeedLaw seeds;
    private final Exchange exchange;
    private final String configurationJson;

    Student(RlConfig config, Actors actors) {
        this.config = config;
        this.actors = actors;
        this.seeds = new SeedLaw(config.seed());
        this.exchange = Exchange.of(config.training().exchange(), actors.spark(), seeds, 0);
        this.configurationJson = Networks.stockConfigurationJson(config.network());
    }

    Actors actors() {
        return actors;
    }

    SeedLaw seeds() {
        return seeds;
    }

    TrainingState start() {
        NetworkSpec network = config.network();
        return new TrainingState(
                0,
                Networks.initialParameters(network, seeds.seed(Purpose.INITIAL_WEIGHTS)),
                new float[Math.toIntExact(Networks.size(network).optimizerValues())]);
    }

    Brain brain(TrainingState state) {
        NetworkSpec network = config.network();
        return new Brain.Net(configurationJson, network.input(), network.classes(), FloatArray.of(state.parameters()));
    }

    /** Packs an example: what was seen, and what came of it. */
    byte[] example(float[] observation, int action, double worth, double came, double logProbability) {
        return config.network()
                .format()
                .pack(observation, new float[] {action, (float) worth, (float) came, (float) logProbability});
    }

    /** Learns from examples, as often as the algorithm says, in an order of chance. */
    Learner.Lesson learn(TrainingState state, List<byte[]> examples) {
        int batchSize = config.training().batchSize();
        int epochs = config.algorithm().epochs();
        long iteration = state.memory().experience().iterations();
        BatchPlan plan = new BatchPlan(
                seeds,
                examples.size(),
                batchSize == 0 ? examples.size() : Math.min(batchSize, examples.size()),
                config.training().shards(),
                Sampling.EPOCH,
                state.step(),
                Math.toIntExact(iteration * epochs));
        long end = state.step() + epochs * plan.stepsPerEpoch();
        Losses losses = new Losses();
        Experienced all = new Experienced(config.network().format(), examples);
        try (Feed feed = Feed.of(actors.spark(), all, actors.tasks())) {
            TrainingLoop loop = new TrainingLoop(
                    plan,
                    new Rounds(1, end),
                    new TrainingLoop.TrainingSet(feed, Subset.all(examples.size())),
                    exchange,
                    actors::tasks,
                    losses);
            TrainingState learnt = loop.run(now -> config.network(), () -> state, end);
            return new Learner.Lesson(learnt, losses.mean());
        }
    }

    private static final class Losses implements LoopListener {
        private double sum;
        private long examples;

        @Override
        public void stepDone(StepReport step) {
            int count = step.metrics().id().examples();
            sum += step.metrics().loss() * count;
            examples += count;
        }

        double mean() {
            return sum / examples;
        }
    }
}
