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
    private final int actions;

    ValueLearner(RlConfig config, Student student) {
        this.config = config;
        this.student = student;
        this.actions = config.world().space().actions();
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
        Transitions known = new Transitions(
                        state.memory().experience().transitions(),
                        config.world().space().values())
                .with(lived, config.algorithm().replay().capacity());
        Memory memory = state.memory();
        Experience experience = memory.experience();
        TrainingState now = state.with(new Memory(
                memory.stopping(),
                memory.best(),
                null,
                0,
                new Experience(experience.iterations(), experience.episodes(), experience.steps(), known.numbers())));
        if (known.count() < config.algorithm().replay().warmUp()) {
            return new Lesson(now, Double.NaN);
        }
        SplitMix64 random = new SplitMix64(student.seeds().seed(Purpose.REPLAY, 0, experience.iterations(), 0));
        int[] drawn = new int
                [config.training().batchSize() * config.algorithm().replay().updates()];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = (int) random.nextLong(known.count());
        }
        return student.learn(now, examples(state, known, drawn));
    }

    private List<byte[]> examples(TrainingState state, Transitions known, int[] drawn) {
        List<float[]> chunks = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        for (int from = 0; from < drawn.length; from += CHUNK) {
            int count = Math.min(CHUNK, drawn.length - from);
            float[] seen = new float[count * known.values()];
            for (int i = 0; i < count; i++) {
                known.behind(drawn[from + i], seen, i * known.values());
            }
            chunks.add(seen);
            counts.add(count);
        }
        List<float[][]> answers = student.actors().answers(brain(state), chunks, counts);
        List<byte[]> examples = new ArrayList<>();
        for (int i = 0; i < drawn.length; i++) {
            float[] then = answers.get(i / CHUNK)[i % CHUNK];
            double worth = known.worth(drawn[i], config.algorithm().discount(), then[Policy.best(then, actions)]);
            examples.add(student.example(known.before(drawn[i]), known.action(drawn[i]), worth, 0, 0));
        }
        return examples;
    }
}
