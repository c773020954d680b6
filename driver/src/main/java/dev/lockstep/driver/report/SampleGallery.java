package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Evaluation.Sample;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Examples with their pictures, what they are and what the network took them for.
 *
 * @param names of the classes
 */
record SampleGallery(List<Sample> samples, List<String> names) {
    private static final int MOST_SAMPLES = 60;
    private static final int BARS = 3;

    Html html() throws IOException {
        Html html = new Html();
        html.open("ul", "class", "gallery");
        for (Sample sample : samples.subList(0, Math.min(MOST_SAMPLES, samples.size()))) {
            card(html, sample);
        }
        return html.close();
    }

    private void card(Html html, Sample sample) throws IOException {
        boolean right = sample.label() == sample.predicted();
        html.open("li", "class", right ? "card" : "card mistake");
        String picture = Picture.address(sample);
        if (picture != null) {
            html.empty("img", "src", picture, "alt", "example " + sample.index());
        }
        html.open("div").open("p");
        html.element("span", right ? "✓" : "✗ mistake", "class", "mark");
        html.element("small", " no. " + Numbers.whole(sample.index())).close();
        if (right) {
            html.element("p", names.get(sample.label()));
        } else {
            html.open("p")
                    .text("taken for ")
                    .element("b", names.get(sample.predicted()))
                    .close();
            html.open("p").text("is ").element("b", names.get(sample.label())).close();
        }
        bars(html, sample);
        html.close().close();
    }

    private void bars(Html html, Sample sample) {
        double[] probabilities = sample.probabilities();
        List<Integer> likeliest = IntStream.range(0, Math.min(probabilities.length, names.size()))
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -probabilities[i]))
                .limit(BARS)
                .toList();
        html.open("ol");
        for (int i : likeliest) {
            html.open("li", "class", i == sample.label() ? "truth" : null);
            html.element("i", "", "class", "bar", "style", "--share:" + Numbers.brief(probabilities[i], 3));
            html.element("span", names.get(i));
            html.element("span", String.format(Locale.ROOT, "%.0f %%", 100 * probabilities[i]))
                    .close();
        }
        html.close();
    }
}
