package dev.lockstep.worker.step;

import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Model;
import dev.lockstep.worker.seed.SplitMix64;
import java.util.stream.IntStream;

/**
 * Some of a batch's pairs are told without the teacher, after Bengio, Vinyals, Jaitly, Shazeer 2015: behind the mark that begins a target a
 * network is given not what is right, but the likeliest token of what it says itself, with dropout off. What it is to say stays as it
 * is, and so does the length.
 */
final class FreeRunning {
    private FreeRunning() {}

    /**
     * Changes what is fed.
     *
     * @param ratio the share of the pairs that are left as they are, each drawn by itself
     * @param tokens how many the network reads
     */
    static void feed(Batch batch, double ratio, long seed, Model model, int tokens) {
        SplitMix64 random = new SplitMix64(seed);
        int[] free = IntStream.range(0, batch.examples())
                .filter(n -> random.nextDouble() >= ratio)
                .toArray();
        int longest = IntStream.of(free)
                .map(n -> batch.length(n) - batch.begin(n))
                .max()
                .orElse(0);
        for (int said = 0; said < longest - 1; said++) {
            float[][] outputs = model.predict(batch).outputs();
            for (int n : free) {
                int next = batch.begin(n) + said + 1;
                if (next < batch.length(n)) {
                    batch.features()[n * batch.steps() + next] =
                            likeliest(outputs[n], said * batch.targets(), batch.targets(), tokens);
                }
            }
        }
    }

    private static int likeliest(float[] outputs, int from, int targets, int tokens) {
        int best = 0;
        for (int token = 1; token < Math.min(targets, tokens); token++) {
            if (outputs[from + token] > outputs[from + best]) {
                best = token;
            }
        }
        return best;
    }
}
