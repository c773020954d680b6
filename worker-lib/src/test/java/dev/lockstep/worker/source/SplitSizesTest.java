package dev.lockstep.worker.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.text.TextTask;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a split says of its longest example is its size: blocks, and so tasks, are cut by it. */
class SplitSizesTest {
    private static final ExampleFormat ONE = tokens(false);
    private static final ExampleFormat EVERY = tokens(true);

    private static ExampleFormat tokens(boolean everyStep) {
        return new ExampleFormat(Element.FLOAT, Shape.sequence(1), new Target(Target.Kind.CLASS, 9, everyStep));
    }

    private static int longest(Split split) {
        Block all = split.read(0, split.size());
        return IntStream.range(0, all.size())
                .map(i -> all.packed(i).length)
                .max()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"NEXT, 2", "NEXT, 1000000", "MIDDLE, 2", "MIDDLE, 1000000", "NEIGHBOURS, 2", "NEIGHBOURS, 1000000"})
    void ofText(TextTask task, int steps) {
        int[] starts = {0, 7, 16, 17};
        Split split = TextSplit.of(new int[17], starts, task, steps, 1, ONE, 0);
        assertThat(split.bytesAnExample()).isEqualTo(longest(split));
        if (task == TextTask.NEXT) {
            Split every = TextSplit.of(new int[17], starts, task, steps, 1, EVERY, 0);
            assertThat(every.bytesAnExample()).isEqualTo(longest(every));
        }
    }

    /** Its targets are those behind the mark alone. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void ofPairs(int size) {
        List<int[]> sources = List.of(new int[1], new int[5]);
        Split split = new PairSplit(sources, List.of(new int[2], new int[3]), EVERY.withLeadIn(), size);
        int lead = size == 1 ? 1 : 5;
        assertThat(split.bytesAnExample()).isEqualTo(longest(split) + lead * Integer.BYTES);
    }
}
