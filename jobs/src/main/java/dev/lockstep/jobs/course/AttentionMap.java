package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.Dl4jModel;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.objective.Largest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What one head of an attention layer looks at, in a sequence that it was not trained with: the longest of the first test examples.
 *
 * @param layer its name
 * @param head from 1
 * @param diagonal how many of the steps of all these examples look most at their own place, a share
 * @param antiDiagonal how many look most at the place that is as far from the end as they are from the beginning
 * @param weights {@code [steps][steps]}, a row for each step that looks; a row's sum is 1
 */
public record AttentionMap(
        String variant, String layer, int head, double diagonal, double antiDiagonal, float[][] weights) {
    private static final int EXAMPLES = 100;
    private static final int CELL = 12;

    public AttentionMap {
        variant = Stored.text(variant);
        layer = Stored.text(layer);
        Stored.check(weights != null && weights.length > 0, "a map of attention has no rows");
        for (float[] row : weights) {
            Stored.check(row != null && row.length == weights.length, "a map of attention is no square");
        }
    }

    /** Of a finished trial. */
    static List<AttentionMap> of(String variant, NetworkSpec network, Dataset dataset, RunFolder trial)
            throws IOException {
        int count = (int) Math.min(EXAMPLES, dataset.test().size());
        if (count == 0) {
            return List.of();
        }
        Batch batch = new BatchReader(dataset.format()).read(dataset.test().firstPacked(count));
        List<AttentionMap> maps = new ArrayList<>();
        try (Dl4jModel model = Dl4jModel.of(network.of(dataset.format()))) {
            model.setParameters(ModelFile.read(trial).model().parameters());
            model.attentionWeights(batch).forEach((layer, examples) -> {
                for (int head = 0; head < examples.get(0).length; head++) {
                    maps.add(of(variant, layer, head, examples));
                }
            });
        }
        return maps;
    }

    /**
     * @param head from 0
     * @param examples {@code [heads][steps][steps]} of each, at least one
     */
    static AttentionMap of(String variant, String layer, int head, List<float[][][]> examples) {
        float[][] longest = examples.get(0)[head];
        int steps = 0;
        int diagonal = 0;
        int antiDiagonal = 0;
        for (float[][][] example : examples) {
            float[][] weights = example[head];
            longest = weights.length > longest.length ? weights : longest;
            for (int t = 0; t < weights.length; t++) {
                int most = Largest.of(weights[t]);
                diagonal += most == t ? 1 : 0;
                antiDiagonal += most == weights.length - 1 - t ? 1 : 0;
            }
            steps += weights.length;
        }
        return new AttentionMap(
                variant, layer, head + 1, (double) diagonal / steps, (double) antiDiagonal / steps, longest);
    }

    /** The maps of all variants, in their order. */
    static Html section(List<AttentionMap> maps) {
        Html html = new Html();
        html.open("section").element("h2", "Attention");
        html.element(
                "p",
                "Which steps (columns) each step (rows, from above) looks at, in the longest of the first 100 test"
                        + " sequences: the darker, the more. Beside it, of all these sequences, how many steps look most at"
                        + " their own place (the diagonal) and at the one as far from the end (the anti-diagonal).");
        Map<String, List<AttentionMap>> byVariant = maps.stream()
                .collect(Collectors.groupingBy(AttentionMap::variant, LinkedHashMap::new, Collectors.toList()));
        byVariant.forEach((variant, of) -> {
            html.element("h3", variant).open("div", "class", "charts small");
            of.forEach(map -> html.add(map.figure()));
            html.close();
        });
        return html.close();
    }

    private Html figure() {
        String title = layer + ", head " + head + ": diagonal " + Numbers.percent(diagonal) + ", anti-diagonal "
                + Numbers.percent(antiDiagonal);
        int side = CELL * weights.length;
        Html html = new Html();
        html.open("figure", "class", "chart").element("figcaption", title);
        html.open("svg", "viewBox", "0 0 " + side + " " + side, "role", "img").element("title", title);
        for (int t = 0; t < weights.length; t++) {
            for (int s = 0; s < weights.length; s++) {
                html.empty(
                        "rect",
                        "x",
                        "" + CELL * s,
                        "y",
                        "" + CELL * t,
                        "width",
                        "" + (CELL - 1),
                        "height",
                        "" + (CELL - 1),
                        "fill",
                        "currentColor",
                        "fill-opacity",
                        Numbers.brief(weights[t][s], 2));
            }
        }
        return html.close().close();
    }
}
