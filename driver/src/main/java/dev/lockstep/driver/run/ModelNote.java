package dev.lockstep.driver.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.table.Fitted;
import dev.lockstep.worker.table.Words;
import dev.lockstep.worker.text.TextCut;
import dev.lockstep.worker.text.TextTask;
import dev.lockstep.worker.text.TextUnit;
import dev.lockstep.worker.text.TextVocabulary;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * An entry of ours in a model file, beside DL4J's, which DL4J passes over: what its configuration does not say.
 *
 * @param features the names of the columns of the table that it was trained with, in order
 * @param scaling what becomes of these
 * @param words of the columns of the table that it was trained with, in the order of their numbers, by the column's name
 * @param text the tokens of the text that it was trained with, and how that was cut
 * @param needsLockstep whether it has layers or activations of ours, so that DL4J reads it with our jar alone
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ModelNote(
        List<Integer> input,
        Boolean time,
        int classes,
        String objective,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> features,
        Scaled scaling,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, List<String>> words,
        Text text,
        @JsonProperty("needs_lockstep") boolean needsLockstep) {
    static final String NAME = "lockstep.json";

    /**
     * A network is given (value - shift) · factor of each feature.
     *
     * @param shift float32, as doubles, which every reader of JSON takes for what they are
     */
    record Scaled(List<Double> shift, List<Double> factor) {

        static Scaled of(Scaling scaling) {
            return scaling.isNone() ? null : new Scaled(doubles(scaling.shift()), doubles(scaling.factor()));
        }

        private static List<Double> doubles(float[] values) {
            return IntStream.range(0, values.length)
                    .mapToObj(i -> (double) values[i])
                    .toList();
        }

        Scaling scaling(int features) {
            return new Scaling(floats(shift, features), floats(factor, features));
        }

        private static float[] floats(List<Double> written, int features) {
            float[] values = new float[features];
            for (int i = 0; i < features; i++) {
                Double value = written == null || written.size() != features ? null : written.get(i);
                values[i] = value == null ? Float.NaN : value.floatValue();
                if (!Float.isFinite(values[i])) {
                    throw new IllegalArgumentException("its " + NAME + " scales features by " + Excerpt.of(written)
                            + "; expected " + features + " finite numbers");
                }
            }
            return values;
        }
    }

    /** A {@link TextVocabulary}, and a {@link TextCut}. */
    record Text(
            TextUnit unit,
            @JsonProperty("lower_case") boolean lowerCase,
            TextTask task,
            int steps,
            int stride,
            boolean lines,
            boolean pairs,
            List<String> tokens) {
        static Text of(TextVocabulary vocabulary, TextCut cut) {
            return vocabulary == null
                    ? null
                    : new Text(
                            vocabulary.unit(),
                            vocabulary.lowerCase(),
                            cut.task(),
                            cut.steps(),
                            cut.stride(),
                            cut.lines(),
                            cut.pairs(),
                            vocabulary.tokens());
        }

        TextVocabulary vocabulary() {
            if (unit == null || tokens == null || tokens.contains(null)) {
                throw new IllegalArgumentException("its " + NAME + " has a text without unit, or without tokens");
            }
            return new TextVocabulary(unit, lowerCase, tokens);
        }

        TextCut cut() {
            if (task == null) {
                throw new IllegalArgumentException("its " + NAME
                        + " does not say how its text was cut, as models did not" + " at first; train it again");
            }
            return new TextCut(task, steps, stride, lines, pairs);
        }
    }

    static ModelNote of(ModelFile.Contents model, boolean needsLockstep) {
        return new ModelNote(
                model.input().sizes(),
                model.input().hasTime() ? true : null,
                model.classes(),
                model.objective() == Objective.CLASSIFICATION
                        ? null
                        : model.objective().word(),
                model.fitted().features(),
                Scaled.of(model.fitted().scaling()),
                model.fitted().words(),
                Text.of(model.fitted().vocabulary(), model.fitted().cut()),
                needsLockstep);
    }

    Objective purpose() {
        for (Objective known : Objective.values()) {
            if (objective == null || objective.equals(known.word())) {
                return known;
            }
        }
        throw new IllegalArgumentException("its " + NAME + " names the objective " + Excerpt.of(objective));
    }

    /** @param input the shape of an example */
    Fitted fitted(Shape input) {
        if (features != null && features.contains(null)) {
            throw new IllegalArgumentException("its " + NAME + " lists features without a name");
        }
        return new Fitted(
                features == null ? List.of() : features,
                known(),
                scaling == null ? Scaling.NONE : scaling.scaling(input.size()),
                text == null ? null : text.vocabulary(),
                text == null ? null : text.cut());
    }

    private Map<String, List<String>> known() {
        if (words == null) {
            return Map.of();
        }
        words.forEach((column, list) -> {
            if (list == null
                    || !Words.inOrder(list.stream().map(String::valueOf).toList())
                            .equals(list)) {
                throw new IllegalArgumentException(
                        "its " + NAME + " lists words of the column " + Excerpt.of(column) + " that are not in order");
            }
        });
        return words;
    }

    Shape shape() {
        boolean known = input != null && input.stream().allMatch(Objects::nonNull);
        if (!known || input.size() != 1 && input.size() != 3) {
            throw new IllegalArgumentException("its " + NAME + " says that examples are of " + Excerpt.of(input)
                    + "; expected [channels, height, width] or [length]");
        }
        return time != null && time && input.size() == 1 ? Shape.sequence(input.get(0)) : Shape.of(input);
    }
}
