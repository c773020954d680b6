package dev.lockstep.worker.rl;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.seed.SplitMix64;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Episodes to be lived. They are told apart by their numbers, which all chance in them follows from. So many of them as
 * make a group go on side by side, so that a network is asked for all of them at once; what it answers may depend in its
 * last bits on who is asked for together, but never on who runs which group.
 *
 * @param purpose what the episodes are for
 * @param round what else tells them from others of the same number; 0 where the number alone does
 * @param first the number of the first episode
 * @param episodes how many, at least 1
 */
public record Rollout(World world, Policy policy, SeedLaw seeds, Purpose purpose, long round, long first, int episodes)
        implements Serializable {
    private static final int TOGETHER = 16;

    /** How many groups there are. */
    public int groups() {
        return (episodes + TOGETHER - 1) / TOGETHER;
    }

    /**
     * Lives the episodes of a group.
     *
     * @return in order of their numbers
     * @throws DataException when the environment does what none can be learnt from
     */
    public List<Episode> group(int group) {
        int from = group * TOGETHER;
        int to = Math.min(episodes, from + TOGETHER);
        return policy.brain().with(answers -> live(answers, from, to));
    }

    private List<Episode> live(Brain.Answers answers, int from, int to) {
        List<Life> alive = new ArrayList<>();
        for (int i = from; i < to; i++) {
            alive.add(new Life(first + i));
        }
        List<Episode> lived = new ArrayList<>();
        Environment.Space space = alive.get(0).environment.space();
        int[] states = new int[alive.size()];
        float[] observations = new float[alive.size() * space.values()];
        while (!alive.isEmpty()) {
            Arrays.fill(observations, 0);
            for (int i = 0; i < alive.size(); i++) {
                alive.get(i).look(states, observations, i);
            }
            float[][] said = answers.of(alive.size(), states, observations);
            List<Life> rest = new ArrayList<>();
            for (int i = 0; i < said.length; i++) {
                Life life = alive.get(i);
                life.act(said[i]);
                if (life.isOver()) {
                    lived.add(life.episode());
                } else {
                    rest.add(life);
                }
            }
            alive = rest;
        }
        lived.sort(Comparator.comparingLong(Episode::number));
        return lived;
    }

    /** An episode while it goes on. */
    private final class Life {
        private final long number;
        private final Environment environment = world.environment();
        private final Environment.Space space = environment.space();
        private final SplitMix64 random;
        private int steps;
        private boolean whole; // what is behind the last step has been looked at, too
        private int[] states = new int[0];
        private float[] observations = new float[0];
        private int[] actions = new int[0];
        private float[] rewards = new float[0];
        private float[] logProbabilities = new float[0];
        private float[] values = new float[0];

        Life(long number) {
            this.number = number;
            this.random = new SplitMix64(seeds.seed(purpose, round, 0, number));
            environment.reset(random);
            if (environment.isOver()) {
                throw problem("ended at once, before any action");
            }
        }

        private DataException problem(String what) {
            return new DataException("environment " + world.name() + ": episode " + number + " " + what);
        }

        void look(int[] allStates, float[] allObservations, int place) {
            if (actions.length == steps) {
                grow(Math.min(world.stepLimit(), Math.max(16, 2 * steps)));
            }
            if (space.states() > 0) {
                int state = environment.state();
                if (state < 0 || state >= space.states()) {
                    throw problem("is in state " + state + " after step " + steps + "; there are " + space.states());
                }
                allStates[place] = state;
                states[steps] = state;
            }
            int width = space.values();
            environment.observe(allObservations, place * width);
            System.arraycopy(allObservations, place * width, observations, steps * width, width);
            for (int i = 0; i < width; i++) {
                if (!Float.isFinite(observations[steps * width + i])) {
                    throw problem("shows " + observations[steps * width + i] + " after step " + steps
                            + "; expected finite numbers");
                }
            }
        }

        private void grow(int most) {
            states = Arrays.copyOf(states, space.states() > 0 ? most + 1 : 0);
            observations = Arrays.copyOf(observations, (most + 1) * space.values());
            actions = Arrays.copyOf(actions, most);
            rewards = Arrays.copyOf(rewards, most);
            logProbabilities = Arrays.copyOf(logProbabilities, most);
            values = Arrays.copyOf(values, most + 1);
        }

        /** @param said by the brain, of what was just looked at */
        void act(float[] said) {
            values[steps] = environment.isOver() || said.length == policy.actions() ? 0 : said[policy.actions()];
            if (environment.isOver() || steps == world.stepLimit()) {
                whole = true;
                return;
            }
            int action = policy.choose(said, random);
            actions[steps] = action;
            if (policy.choice() == Policy.Choice.BY_PROBABILITY) {
                logProbabilities[steps] = (float) Policy.logProbabilities(said, policy.actions())[action];
            }
            rewards[steps] = (float) environment.step(action, random);
            steps++;
            if (!Float.isFinite(rewards[steps - 1])) {
                throw problem(
                        "gave the reward " + rewards[steps - 1] + " in step " + steps + "; expected a finite number");
            }
        }

        boolean isOver() {
            return whole;
        }

        Episode episode() {
            return new Episode(
                    number,
                    space.states() > 0 ? Arrays.copyOf(states, steps + 1) : states,
                    Arrays.copyOf(observations, (steps + 1) * space.values()),
                    Arrays.copyOf(actions, steps),
                    Arrays.copyOf(rewards, steps),
                    Arrays.copyOf(logProbabilities, steps),
                    Arrays.copyOf(values, steps + 1),
                    environment.isOver());
        }
    }
}
