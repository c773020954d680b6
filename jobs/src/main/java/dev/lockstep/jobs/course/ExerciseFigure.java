package dev.lockstep.jobs.course;

import com.typesafe.config.ConfigException;
import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The picture that an exercise is about, beside what its runs came to; an exercise's file names it. */
enum ExerciseFigure {
    ACTIVATIONS("activations", (result, variants, folder) -> ActivationPlots.html()),
    CHAIN_RULE("chain-rule", (result, variants, folder) -> ChainRule.of(result.turned())
            .html()),
    HEAT("heat", (result, variants, folder) -> new VariantGrid(variants).html()),
    IM2COL("im2col", (result, variants, folder) -> new UnfoldingSteps(Unfolding.turned(result.turned())).html()),
    LOSS_SURFACE("loss-surface", (result, variants, folder) -> LossSurface.html()),
    NORM_BALLS("norm-balls", (result, variants, folder) -> NormBalls.html()),
    RESAMPLE_WEIGHTS("resample-weights", (result, variants, folder) -> ResampleWeights.read(folder)
            .html());

    private interface Drawing {
        Html of(Result result, List<VariantScores> variants, RunFolder folder) throws IOException;
    }

    private final String word;
    private final Drawing drawing;

    ExerciseFigure(String word, Drawing drawing) {
        this.word = word;
        this.drawing = drawing;
    }

    /** The figure of an exercise; nothing where it has none, or one that this version does not know. */
    static Html of(Result result, List<VariantScores> variants, RunFolder folder) throws IOException {
        for (ExerciseFigure figure : values()) {
            if (figure.word.equals(result.figure())) {
                return figure.drawn(result, variants, folder);
            }
        }
        return new Html();
    }

    private Html drawn(Result result, List<VariantScores> variants, RunFolder folder) throws IOException {
        try {
            return drawing.of(result, variants, folder);
        } catch (ConfigException | ConfigurationException | IllegalArgumentException e) { // of what was turned
            throw new DataException(
                    folder.path(Result.FILE) + ": is damaged: overrides: " + Excerpt.line(e.getMessage()), e);
        }
    }

    /** The words that a file may say. */
    static List<String> words() {
        return Arrays.stream(values()).map(figure -> figure.word).toList();
    }
}
