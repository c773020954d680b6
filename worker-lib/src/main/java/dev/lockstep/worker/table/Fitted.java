package dev.lockstep.worker.table;

import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.text.TextCut;
import dev.lockstep.worker.text.TextVocabulary;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was found out of a table or a text while a network was trained with it, and must be known of others for the same network:
 * a part of the model.
 *
 * @param features the names of the columns that it was given, in order; empty where they are none
 * @param words those of columns that hold some, in the order of their numbers, by the column's name
 * @param scaling what becomes of the features
 * @param vocabulary the tokens of a text; null where there is none
 * @param cut how that text was cut; null where there is none
 */
public record Fitted(
        List<String> features, Map<String, List<String>> words, Scaling scaling, TextVocabulary vocabulary, TextCut cut)
        implements Serializable {

    /** Nothing, as of pictures and of examples that are made up. */
    public static final Fitted NOTHING = new Fitted(List.of(), Map.of(), Scaling.NONE);

    public Fitted {
        features = List.copyOf(features);
        words = Collections.unmodifiableMap(new TreeMap<>(words)); // in an order, as files of models are
    }

    /** Of a table. */
    public Fitted(List<String> features, Map<String, List<String>> words, Scaling scaling) {
        this(features, words, scaling, null, null);
    }

    /** Of a text. */
    public static Fitted of(TextVocabulary vocabulary, TextCut cut) {
        return new Fitted(List.of(), Map.of(), Scaling.NONE, vocabulary, cut);
    }

    /** The same with a scaling. */
    public Fitted with(Scaling other) {
        return new Fitted(features, words, other, vocabulary, cut);
    }
}
