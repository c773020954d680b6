package dev.lockstep.worker.rl;

import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.step.Predictor;
import java.io.Serializable;
import java.util.Arrays;
import java.util.function.Function;

/** What answers to what is seen: the value or the preference of each action, and behind these whatever else it has to say. */
public sealed interface Brain extends Serializable {

    /** Answers to several at once; not for several threads. */
    interface Answers {
        /**
         * @param count how many
         * @param states {@code [count]}, where they are counted
         * @param observations {@code [count][values]}
         * @return {@code [count][outputs]}, not to be changed
         */
        float[][] of(int count, int[] states, float[] observations);
    }

    /** Runs work that asks it. */
    <R> R with(Function<Answers, R> work);

    /**
     * A table.
     *
     * @param values {@code [states][actions]}
     */
    record Table(int actions, FloatArray values) implements Brain {
        @Override
        public <R> R with(Function<Answers, R> work) {
            float[] all = values.values();
            return work.apply((count, states, observations) -> {
                float[][] rows = new float[count][];
                for (int i = 0; i < count; i++) {
                    rows[i] = Arrays.copyOfRange(all, states[i] * actions, (states[i] + 1) * actions);
                }
                return rows;
            });
        }
    }

    /**
     * A network.
     *
     * @param configurationJson DL4J's of it
     * @param input the shape of an observation
     * @param parameters float32 in DL4J's flat order
     */
    record Net(String configurationJson, Shape input, int outputs, FloatArray parameters) implements Brain {
        @Override
        public <R> R with(Function<Answers, R> work) {
            ExampleFormat format = ExampleFormat.floats(input, outputs);
            return Predictor.with(
                    configurationJson,
                    format,
                    parameters.values(),
                    predictor -> work.apply((count, states, observations) -> predictor.outputs(count, observations)));
        }
    }
}
