package dev.lockstep.driver.evaluate;

import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.evaluate.StoredModel;
import java.util.List;
import java.util.function.Consumer;

/** Whatever tells the class of an example: a network, or several of them together. */
public interface Classifier {

    /** A single network. */
    static Classifier of(StoredModel model) {
        return new Classifier() {
            @Override
            public Scores evaluate(Evaluator examples, String description) {
                return examples.evaluate(model, description);
            }

            @Override
            public List<Answer> predict(Evaluator examples, long limit, String description) {
                return examples.predict(model, limit, description);
            }

            @Override
            public void predict(Evaluator examples, String description, Consumer<Answer> taker) {
                examples.predict(model, description, taker);
            }
        };
    }

    /** @param description what is evaluated, for Spark's UI */
    Scores evaluate(Evaluator examples, String description);

    /** The answers to the first examples, in order; to all of them for {@code limit = Long.MAX_VALUE}. */
    List<Answer> predict(Evaluator examples, long limit, String description);

    /**
     * Gives somebody the answers to all examples, in order.
     *
     * @param taker told of one after the other
     */
    default void predict(Evaluator examples, String description, Consumer<Answer> taker) {
        predict(examples, Long.MAX_VALUE, description).forEach(taker);
    }
}
