package dev.lockstep.worker.table;

import dev.lockstep.worker.data.Block;
import java.util.Iterator;
import org.apache.spark.api.java.function.Function2;

/**
 * The blocks of one part of a table, numbered through.
 *
 * @param part as {@link RowEncoder#TRAINING}
 * @param firsts how many examples of the part lie before each partition of the RDD
 * @param limit how many examples are used
 */
public record PartOf(int part, long[] firsts, long limit)
        implements Function2<Integer, Iterator<PartBlock>, Iterator<Block>> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<Block> call(Integer partition, Iterator<PartBlock> blocks) {
        long before = firsts[partition];
        return new Iterator<>() {
            private Block next = found();

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public Block next() {
                Block found = next;
                next = found();
                return found;
            }

            private Block found() {
                while (blocks.hasNext()) {
                    PartBlock each = blocks.next();
                    if (each.part() == part && before + each.block().first() < limit) {
                        return each.block().from(before + each.block().first());
                    }
                }
                return null;
            }
        };
    }
}
