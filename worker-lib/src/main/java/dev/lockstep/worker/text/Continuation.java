package dev.lockstep.worker.text;

import dev.lockstep.worker.seed.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a network goes on with behind a beginning, token by token. It never says {@link TextVocabulary#PAD}, {@link
 * TextVocabulary#BOS} or {@link TextVocabulary#UNKNOWN}, and ends with {@link TextVocabulary#EOS}.
 *
 * @param network tells what follows
 * @param known how many tokens there are; what the network tells beyond is never said
 */
public record Continuation(NextToken network, int known) {

    /** A network that tells what follows. */
    public interface NextToken {
        /**
         * @param contexts numbers of tokens, at least one each
         * @return of each context the probability of every token to be next
         */
        float[][] probabilities(List<int[]> contexts);
    }

    /** A way to go on, and the logarithm of its probability. */
    private record Path(int[] tokens, double logProbability, boolean ended) {
        /** By token, so that long ways have no less of a chance: Wu et al. 2016 with alpha 1. */
        double score(int begun) {
            return logProbability / Math.max(1, tokens.length - begun);
        }
    }

    private static boolean mayBeSaid(int token) {
        return token != TextVocabulary.PAD && token != TextVocabulary.BOS && token != TextVocabulary.UNKNOWN;
    }

    /** The likeliest tokens to be next, the likeliest first; of equally likely ones the first. */
    public List<Integer> likeliest(float[] probabilities, int count) {
        return IntStream.range(0, Math.min(known, probabilities.length))
                .filter(Continuation::mayBeSaid)
                .boxed()
                .sorted(Comparator.comparingDouble(token -> -probabilities[token]))
                .limit(count)
                .toList();
    }

    /**
     * The likeliest way that is found with so many ways side by side; with one of them, the likeliest token each time.
     *
     * @param beginning at least one token
     * @param length at most so many tokens come behind it
     * @param beams from 1
     * @return what comes behind it
     */
    public int[] search(int[] beginning, int length, int beams) {
        List<Path> paths = List.of(new Path(beginning, 0, false));
        for (int i = 0; i < length && !paths.stream().allMatch(Path::ended); i++) {
            List<Path> open = paths.stream().filter(path -> !path.ended()).toList();
            float[][] next =
                    network.probabilities(open.stream().map(Path::tokens).toList());
            List<Path> candidates =
                    new ArrayList<>(paths.stream().filter(Path::ended).toList());
            for (int p = 0; p < next.length; p++) {
                for (int token : likeliest(next[p], beams)) {
                    candidates.add(longer(open.get(p), token, next[p][token]));
                }
            }
            paths = candidates.stream()
                    .sorted(Comparator.comparingDouble(path -> -path.score(beginning.length)))
                    .limit(beams)
                    .toList();
        }
        return behind(beginning, paths.get(0).tokens());
    }

    private static Path longer(Path path, int token, float probability) {
        int[] tokens = Arrays.copyOf(path.tokens(), path.tokens().length + 1);
        tokens[tokens.length - 1] = token;
        return new Path(tokens, path.logProbability() + Math.log(probability), token == TextVocabulary.EOS);
    }

    /**
     * Draws each token with p^(1 / temperature), divided by the sum.
     *
     * @param beginning at least one token
     * @param length at most so many tokens come behind it
     * @param temperature above 0; below 1 the likely ones become likelier
     * @param seed of the draws: the same seed draws the same
     * @return what comes behind the beginning
     */
    public int[] draw(int[] beginning, int length, double temperature, long seed) {
        SplitMix64 random = new SplitMix64(seed);
        int[] tokens = beginning;
        for (int i = 0; i < length; i++) {
            float[] next = network.probabilities(List.of(tokens))[0];
            tokens = Arrays.copyOf(tokens, tokens.length + 1);
            tokens[tokens.length - 1] = drawn(next, temperature, random.nextDouble());
            if (tokens[tokens.length - 1] == TextVocabulary.EOS) {
                break;
            }
        }
        return behind(beginning, tokens);
    }

    private int drawn(float[] probabilities, double temperature, double at) {
        List<Integer> tokens = likeliest(probabilities, known);
        double largest = Math.log(probabilities[tokens.get(0)]);
        double[] weights = tokens.stream()
                .mapToDouble(token -> Math.exp((Math.log(probabilities[token]) - largest) / temperature))
                .toArray();
        double left = at * Arrays.stream(weights).sum();
        for (int i = 0; i < weights.length; i++) {
            left -= weights[i];
            if (left < 0) {
                return tokens.get(i);
            }
        }
        return tokens.get(0); // rounding alone leads here
    }

    private static int[] behind(int[] beginning, int[] tokens) {
        return Arrays.copyOfRange(tokens, beginning.length, tokens.length);
    }
}
