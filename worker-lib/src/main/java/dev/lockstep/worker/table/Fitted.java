package dev.lockstep.worker.table;

import dev.lockstep.worker.model.Scaling;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was found out of a table while a network was trained with it, and must be known of other rows for the same network:
 * a part of the model.
 *
 * @param features the names of the columns that it was given, in order; empty where they are none
 * @param words those of columns that hold some, in the order of their numbers, by the column's name
 * @param scaling what becomes of the features
 */
public record Fitted(List<String> features, Map<String, List<String>> words, Scaling scaling) implements Serializable {

    /** Nothing, as of examples that come from no table. */
    public static final Fitted NOTHING = new Fitted(List.of(), Map.of(), Scaling.NONE);

    public Fitted {
        features = List.copyOf(features);
        words = Collections.unmodifiableMap(new TreeMap<>(words)); // in an order, as files of models are
    }

    /** The same with a scaling. */
    public Fitted with(Scaling other) {
        return new Fitted(features, words, other);
    }
}
