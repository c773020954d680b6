package dev.lockstep.driver.evaluate;

import dev.lockstep.driver.evaluate.Evaluator.Answer;
import java.util.List;

/** Whatever tells the class of an example: a network, or several of them together. */
public interface Classifier {

    /** @param description what is evaluated, for Spark's UI */
    Scores evaluate(Evaluator examples, String description);

    /** The answers to the first examples, in order; to all of them for {@code limit = Long.MAX_VALUE}. */
    List<Answer> predict(Evaluator examples, long limit, String description);
}
