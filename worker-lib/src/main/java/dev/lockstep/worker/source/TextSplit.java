package dev.lockstep.worker.source;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.text.TextTask;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * Windows of a text, whose tokens are numbers.
 *
 * @param tokens one sequence behind the other
 * @param starts where each sequence begins, and at the end how many tokens there are
 * @param firsts the number of each sequence's first example, and at the end how many there are
 * @param task what is told of what
 * @param steps of a window, from 1
 * @param stride from window to window, from 1; of {@link TextTask#NEXT}
 * @param size the examples used, the first ones
 */
public record TextSplit(
        int[] tokens,
        int[] starts,
        long[] firsts,
        TextTask task,
        int steps,
        int stride,
        ExampleFormat format,
        long size)
        implements Split {

    /**
     * All windows, or the first ones.
     *
     * @param limit how many at most; 0 for all
     */
    public static TextSplit of(
            int[] tokens, int[] starts, TextTask task, int steps, int stride, ExampleFormat format, long limit) {
        long[] firsts = new long[starts.length];
        for (int i = 1; i < starts.length; i++) {
            firsts[i] = firsts[i - 1] + examples(task, starts[i] - starts[i - 1], steps, stride);
        }
        long all = firsts[firsts.length - 1];
        long used = limit == 0 ? all : Math.min(limit, all);
        return new TextSplit(tokens, starts, firsts, task, steps, stride, format, used);
    }

    private static long examples(TextTask task, int length, int steps, int stride) {
        if (length < 2) {
            return 0;
        }
        return switch (task) {
            case NEXT -> (length - 1 + (long) stride - 1) / stride;
            case MIDDLE -> length;
            case NEIGHBOURS -> {
                long farthest = Math.min(steps, length - 1);
                yield farthest * (2L * length - farthest - 1);
            }
        };
    }

    @Override
    public Block read(long from, long to) {
        Objects.checkFromToIndex(from, to, size);
        return Block.of(from, LongStream.range(from, to).mapToObj(this::example).toList());
    }

    private byte[] example(long number) {
        int found = Arrays.binarySearch(firsts, number);
        int sequence = found >= 0 ? found : -found - 2;
        while (firsts[sequence + 1] == number) { // one of a single token has no example
            sequence++;
        }
        int start = starts[sequence];
        int end = starts[sequence + 1];
        long own = number - firsts[sequence];
        return switch (task) {
            case NEXT -> next(start, end, start + Math.toIntExact(own * stride));
            case MIDDLE -> middle(start, end, start + Math.toIntExact(own));
            case NEIGHBOURS -> neighbour(start, end, own);
        };
    }

    private byte[] next(int start, int end, int at) {
        if (format.target().everyStep()) {
            int length = Math.min(steps, end - 1 - at);
            return format.pack(floats(at, length), floats(at + 1, length));
        }
        int length = Math.min(steps, at + 1 - start);
        return format.pack(floats(at + 1 - length, length), floats(at + 1, 1));
    }

    private byte[] middle(int start, int end, int at) {
        float[] before = floats(Math.max(start, at - steps), Math.min(steps, at - start));
        float[] behind = floats(at + 1, Math.min(steps, end - 1 - at));
        float[] around = Arrays.copyOf(before, before.length + behind.length);
        System.arraycopy(behind, 0, around, before.length, behind.length);
        return format.pack(around, floats(at, 1));
    }

    /** The nearest pairs come first; of each distance those that look ahead, then those that look back. */
    private byte[] neighbour(int start, int end, long own) {
        int distance = 1;
        long left = own;
        while (left >= 2L * (end - start - distance)) {
            left -= 2L * (end - start - distance);
            distance++;
        }
        int pairs = end - start - distance;
        int at = start + (int) (left % pairs);
        boolean ahead = left < pairs;
        return format.pack(floats(ahead ? at : at + distance, 1), floats(ahead ? at + distance : at, 1));
    }

    private float[] floats(int from, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = tokens[from + i];
        }
        return values;
    }

    @Override
    public int bytesAnExample() {
        int others = 1; // of the longest sequence, all tokens but one
        for (int i = 1; i < starts.length; i++) {
            others = Math.max(others, starts[i] - starts[i - 1] - 1);
        }
        return format.size(
                switch (task) {
                    case NEXT -> Math.min(steps, others);
                    case MIDDLE -> (int) Math.min(2L * steps, others);
                    case NEIGHBOURS -> 1;
                });
    }
}
