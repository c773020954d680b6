package dev.lockstep.driver.config;

import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.rl.World;

/**
 * What {@code rl} was asked for.
 *
 * @param name of the run
 * @param seed of all chance
 * @param network that learns; null where a table does
 * @param written as it was written
 */
public record RlConfig(
        String name,
        long seed,
        World world,
        Algorithm algorithm,
        NetworkSpec network,
        Examination examination,
        Training training,
        RunConfig.Written written) {

    /** Everything, defaults included: running it repeats the run. */
    public String text() {
        return Hocon.text(written.config());
    }

    /** Ways to learn from rewards. */
    public enum Method {
        Q_LEARNING,
        DQN,
        REINFORCE,
        PPO;

        /** Whether the policy itself is learnt, and not what actions are worth. */
        public boolean learnsPolicy() {
            return this == REINFORCE || this == PPO;
        }
    }

    /**
     * @param iterations of acting and learning, at most
     * @param episodes of each iteration
     * @param discount what a reward is worth a step later, in [0, 1]
     * @param lambda of generalised advantages, in [0, 1]; 1 for what came in the end
     * @param normalise whether the advantages of an iteration are made to have mean 0 and variance 1
     * @param epochs how often an iteration's steps are learnt from
     * @param learningRate of a table, in (0, 1]
     * @param exploration how often actions are tried out; null where they are drawn by probability
     * @param replay what is remembered; null where nothing is
     */
    public record Algorithm(
            Method method,
            int iterations,
            int episodes,
            double discount,
            double lambda,
            boolean normalise,
            int epochs,
            double learningRate,
            Exploration exploration,
            Replay replay) {}

    /**
     * @param first share of the actions that are any, in [0, 1]; it becomes less in even steps
     * @param last from {@code over} iterations on, in [0, 1]
     */
    public record Exploration(double first, double last, int over) {

        /** The share in an iteration. */
        public double at(long iteration) {
            return iteration >= over ? last : first + (last - first) * iteration / over;
        }
    }

    /**
     * @param capacity the most steps that are remembered
     * @param warmUp how many are before anything is learnt
     * @param updates optimizer steps of an iteration
     */
    public record Replay(int capacity, int warmUp, int updates) {

        /**
         * The numbers of a step: what was seen before and after, the action, the reward, whether it was the end.
         *
         * @param values of an observation
         */
        public static int width(int values) {
            return 2 * values + 3;
        }
    }

    /**
     * @param every so many iterations the policy is looked at, without chance in it
     * @param episodes of each look
     * @param stopAt the mean return that ends the run; infinite for none
     */
    public record Examination(int every, int episodes, double stopAt) {}

    /**
     * @param batchSize examples of an optimizer step; 0 for all of an iteration
     * @param checkpointEvery so many iterations
     */
    public record Training(int batchSize, int shards, int tasks, ExchangeKind exchange, int checkpointEvery) {}
}
