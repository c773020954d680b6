package dev.lockstep.driver.rl;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.worker.rl.Episode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What came of some episodes.
 *
 * @param mean of their sums of rewards
 * @param least of them
 * @param most of them
 * @param steps of all of them
 */
record Returns(int episodes, double mean, double least, double most, long steps) {
    static final String RETURN = "return";

    static Returns of(List<Episode> lived) {
        double sum = 0;
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        long steps = 0;
        for (Episode episode : lived) {
            double total = episode.total();
            sum += total;
            least = Math.min(least, total);
            most = Math.max(most, total);
            steps += episode.steps();
        }
        return new Returns(lived.size(), sum / lived.size(), least, most, steps);
    }

    /** By the names that files have for them. */
    Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(RETURN, mean);
        figures.put("return_least", least);
        figures.put("return_most", most);
        figures.put("episode_steps", (double) steps / episodes);
        figures.put("episodes", (double) episodes);
        return figures;
    }

    /** As a line of metrics has them. */
    Scores scores(double loss, Map<String, Double> more) {
        Map<String, Double> figures = figures();
        figures.putAll(more);
        return new Scores(episodes, loss, figures, Map.of(), new long[0][]);
    }
}
