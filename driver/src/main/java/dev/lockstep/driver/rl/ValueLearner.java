package dev.lockstep.driver.rl;

import dev.lockstep.driver.config.RlConfig;
import dev.lockstep.driver.state.Experience;
import dev.lockstep.driver.state.Memory;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.rl.Brain;
import dev.lockstep.worker.rl.Episode;
import dev.lockstep.worker.rl.Policy;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.seed.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A deep Q network (Mnih et al.: "Human-level control through deep reinforcement learning", 2015). Steps are drawn from those
 * that are remembered; what each was worth is told by the network as it was when the iteration began, the target network.
 */
final class ValueLearner implements Learner {
    /** Asked for together, so that what a network says does not depend on who is asked. */
    private static final int CHUNK = 1024;

    private final RlConfig config;
    private final Student student;
    private final int values;
    private final int actions;
    private final int width;

    ValueLearner(RlConfig config, Student student) {
        this.config = config;
        this.student = student;
        this.values = config.world().space().values();
        this.actions = config.world().space().actions();
        this.width = RlConfig.Replay.width(config.world().space());
    }

    @Override
    public TrainingState start() {
        return student.start();
    }

    @Override
    public Brain brain(TrainingState state) {
        return student.brain(state);
    }

    @Override
    public Policy acting(TrainingState state) {
        double exploration =
                config.algorithm().exploration().at(state.memory().experience().iterations());
        return new Policy(brain(state), actions, Policy.Choice.EPSILON_GREEDY, exploration);
    }

    @Override
    public Lesson learn(TrainingState state, List<Episode> lived) {
        float[] known = remember(state.memory().experience().transitions(), lived);
        Memory memory = state.memory();
        Experience experience = memory.experience();
        TrainingState now = state.with(new Memory(
                memory.stopping(),
                memory.best(),
                null,
                0,
                new Experience(experience.iterations(), experience.episodes(), experience.steps(), known)));
        int steps = known.length / width;
        if (steps < config.algorithm().replay().warmUp()) {
            return new Lesson(now, Double.NaN);
        }
        SplitMix64 random = new SplitMix64(student.seeds().seed(Purpose.REPLAY, 0, experience.iterations(), 0));
        int[] drawn = new int
                [config.training().batchSize() * config.algorithm().replay().updates()];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = (int) random.nextLong(steps) * width;
        }
        return student.learn(now, examples(state, known, drawn));
    }

    /** The newest steps, the oldest of them first. */
    private float[] remember(float[] before, List<Episode> lived) {
        int fresh = lived.stream().mapToInt(Episode::steps).sum() * width;
        float[] all = Arrays.copyOf(before, before.length + fresh);
        int at = before.length;
        for (Episode episode : lived) {
            for (int step = 0; step < episode.steps(); step++) {
                System.arraycopy(episode.observations(), step * values, all, at, 2 * values);
                all[at + 2 * values] = episode.actions()[step];
                all[at + 2 * values + 1] = episode.rewards()[step];
                all[at + 2 * values + 2] = episode.ended() && step == episode.steps() - 1 ? 1 : 0;
                at += width;
            }
        }
        int most = config.algorithm().replay().capacity() * width;
        return all.length <= most ? all : Arrays.copyOfRange(all, all.length - most, all.length);
    }

    private List<byte[]> examples(TrainingState state, float[] known, int[] drawn) {
        List<float[]> chunks = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        for (int from = 0; from < drawn.length; from += CHUNK) {
            int count = Math.min(CHUNK, drawn.length - from);
            float[] seen = new float[count * values];
            for (int i = 0; i < count; i++) {
                System.arraycopy(known, drawn[from + i] + values, seen, i * values, values);
            }
            chunks.add(seen);
            counts.add(count);
        }
        List<float[][]> answers = student.actors().answers(brain(state), chunks, counts);
        List<byte[]> examples = new ArrayList<>();
        for (int i = 0; i < drawn.length; i++) {
            float[] then = answers.get(i / CHUNK)[i % CHUNK];
            int at = drawn[i];
            boolean end = known[at + 2 * values + 2] != 0;
            double worth = known[at + 2 * values + 1]
                    + (end ? 0 : config.algorithm().discount() * then[Policy.best(then, actions)]);
            float[] seen = Arrays.copyOfRange(known, at, at + values);
            examples.add(student.example(seen, (int) known[at + 2 * values], worth, 0, 0));
        }
        return examples;
    }
}
