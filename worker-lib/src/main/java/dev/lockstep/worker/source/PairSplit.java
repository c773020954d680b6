package dev.lockstep.worker.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.text.TextVocabulary;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * Pairs of lines, one to be told from the other. An example is one sequence: the source's tokens, the mark of a beginning, the
 * target's tokens. The source leads in; from the mark on each step is to be told the token that follows, at last the mark of the end:
 * the network is given what is right so far (teacher forcing).
 *
 * @param sources the tokens of each source
 * @param targets of each target, as many
 * @param size the pairs used, the first ones
 */
public record PairSplit(List<int[]> sources, List<int[]> targets, ExampleFormat format, long size) implements Split {

    @Override
    public Block read(long from, long to) {
        Objects.checkFromToIndex(from, to, size);
        return Block.of(
                from,
                LongStream.range(from, to)
                        .mapToObj(i -> pack(format, sources.get((int) i), targets.get((int) i)))
                        .toList());
    }

    /**
     * A pair as an example.
     *
     * @param format of examples that lead in
     */
    public static byte[] pack(ExampleFormat format, int[] source, int[] target) {
        float[] tokens = new float[source.length + 1 + target.length];
        float[] told = new float[target.length + 1];
        for (int i = 0; i < source.length; i++) {
            tokens[i] = source[i];
        }
        tokens[source.length] = TextVocabulary.BOS;
        for (int i = 0; i < target.length; i++) {
            tokens[source.length + 1 + i] = target[i];
            told[i] = target[i];
        }
        told[target.length] = TextVocabulary.EOS;
        return format.pack(tokens, told);
    }

    @Override
    public int bytesAnExample() {
        int longest = 1;
        for (int i = 0; i < size; i++) {
            longest = Math.max(longest, sources.get(i).length + 1 + targets.get(i).length);
        }
        return format.size(longest);
    }
}
