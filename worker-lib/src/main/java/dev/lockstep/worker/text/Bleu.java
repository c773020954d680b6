package dev.lockstep.worker.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How near sentences are to what they should be, from 0 to 100: Papineni et al. 2002, over all sentences together. The geometric mean
 * of the shares of runs of 1 to 4 tokens that are in the reference, too (each as often as it is there), times exp(1 - r / c) where all
 * sentences together (c tokens) are shorter than their references (r). One reference a sentence, no smoothing.
 */
public final class Bleu {
    private static final int LONGEST = 4;

    private final long[] found = new long[LONGEST];
    private final long[] all = new long[LONGEST];
    private long said;
    private long wanted;

    /** Counts a sentence. */
    public void add(List<String> sentence, List<String> reference) {
        said += sentence.size();
        wanted += reference.size();
        for (int n = 1; n <= LONGEST; n++) {
            Map<List<String>, Integer> there = runs(reference, n);
            for (Map.Entry<List<String>, Integer> run : runs(sentence, n).entrySet()) {
                found[n - 1] += Math.min(run.getValue(), there.getOrDefault(run.getKey(), 0));
                all[n - 1] += run.getValue();
            }
        }
    }

    private static Map<List<String>, Integer> runs(List<String> tokens, int n) {
        Map<List<String>, Integer> counts = new HashMap<>();
        for (int i = 0; i + n <= tokens.size(); i++) {
            counts.merge(new ArrayList<>(tokens.subList(i, i + n)), 1, Integer::sum);
        }
        return counts;
    }

    /** Of all sentences so far; 0 where no run of some length is right. */
    public double score() {
        double logs = 0;
        for (int n = 0; n < LONGEST; n++) {
            logs += Math.log((double) found[n] / all[n]) / LONGEST;
        }
        if (!(logs > Double.NEGATIVE_INFINITY)) {
            return 0;
        }
        double brevity = said < wanted ? Math.exp(1 - (double) wanted / said) : 1;
        return 100 * brevity * Math.exp(logs);
    }
}
