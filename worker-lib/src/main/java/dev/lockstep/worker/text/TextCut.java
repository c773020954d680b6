package dev.lockstep.worker.text;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How the text that a network was trained with was cut into examples, which whoever asks it must know: a part of the model.
 *
 * @param task what it tells
 * @param steps the most tokens that one is told from, from 1; a pair's line is always whole
 * @param stride from example to example; 0 for that of the network
 * @param lines whether each line was a sequence of its own, between marks of its beginning and its end
 * @param pairs whether what is given is a whole line, and another one is to be told
 */
public record TextCut(TextTask task, int steps, int stride, boolean lines, boolean pairs) implements Serializable {

    /** @throws IllegalArgumentException when no text was cut so */
    public TextCut {
        if (task == null || steps < 1 || stride < 0) {
            throw new IllegalArgumentException("a text is cut for a task, into steps from 1, by a stride from 0; found "
                    + task + ", " + steps + " and " + stride);
        }
    }

    /** What a network is given first that is to go on with these tokens, or to tell their pair. */
    public int[] beginning(int[] given) {
        IntStream tokens = IntStream.of(given);
        IntStream mark = IntStream.of(TextVocabulary.BOS);
        return (pairs ? IntStream.concat(tokens, mark) : lines ? IntStream.concat(mark, tokens) : tokens).toArray();
    }

    /** As much of the tokens so far as a network saw of any in training: the last ones. */
    public int[] seen(int[] tokens) {
        return pairs ? tokens : Arrays.copyOfRange(tokens, Math.max(0, tokens.length - steps), tokens.length);
    }
}
