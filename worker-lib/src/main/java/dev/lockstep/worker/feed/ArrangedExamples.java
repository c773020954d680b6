package dev.lockstep.worker.feed;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.Partition;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.Iterator$;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Examples shuffled to the tasks of a placement, one element a task. All of them are read once, and written to the shuffle's
 * files, from where each task streams its own in the order of their places: neither has to fit into memory. (A stage with a
 * barrier may not hang on partitions of another number, so the chunks are joined behind the shuffle, as Spark SQL does it.)
 */
public final class ArrangedExamples extends RDD<PlacedExamples> {
    private static final ClassTag<PlacedExamples> ELEMENT = ClassTag$.MODULE$.apply(PlacedExamples.class);

    private final Chunks chunks;
    private final RDD<Tuple2<Integer, Parcel>> shuffled;

    private record Share(int index, Partition[] chunks) implements Partition {

        @Override
        public boolean equals(Object other) {
            return other instanceof Share share && share.index == index;
        }

        @Override
        public int hashCode() {
            return index;
        }
    }

    private ArrangedExamples(Chunks chunks, RDD<Tuple2<Integer, Parcel>> shuffled) {
        super(shuffled.context(), shuffled.dependencies(), ELEMENT);
        this.chunks = chunks;
        this.shuffled = shuffled;
    }

    /**
     * @param blocks all examples, each in one of them
     * @param bytesAnExample about
     */
    public static JavaRDD<PlacedExamples> of(JavaRDD<Block> blocks, Placement placement, int bytesAnExample) {
        Chunks chunks = Chunks.of(placement, bytesAnExample);
        RDD<Tuple2<Integer, Parcel>> shuffled = blocks.flatMap(block -> Parcel.of(block, chunks))
                .keyBy(Parcel::partition)
                .partitionBy(new HashPartitioner(chunks.partitions()))
                .rdd();
        return new JavaRDD<>(new ArrangedExamples(chunks, shuffled), ELEMENT);
    }

    @Override
    public Partition[] getPartitions() {
        Partition[] all = shuffled.partitions();
        return IntStream.range(0, chunks.placement().tasks())
                .mapToObj(task -> new Share(
                        task,
                        IntStream.range(chunks.first(task), chunks.end(task))
                                .mapToObj(chunk -> all[chunks.partition(task, chunk)])
                                .toArray(Partition[]::new)))
                .toArray(Partition[]::new);
    }

    @Override
    public Iterator<PlacedExamples> compute(Partition split, TaskContext context) {
        Partition[] share = ((Share) split).chunks();
        int first = chunks.first(split.index());
        return Iterator$.MODULE$.single(new StreamedExamples(chunks, chunk -> {
            ShuffledExamples.Collected found = new ShuffledExamples.Collected();
            if (chunk < first || chunk - first >= share.length) {
                return found.inOrder(); // of a chunk where the task has no places
            }
            Iterator<Tuple2<Integer, Parcel>> parcels = shuffled.iterator(share[chunk - first], context);
            while (parcels.hasNext()) {
                found.add(parcels.next()._2());
            }
            return found.inOrder();
        }));
    }

    /** Deletes the shuffle's files. */
    @Override
    public ArrangedExamples unpersist(boolean blocking) {
        if (context().cleaner().isDefined() && dependencies().head() instanceof ShuffleDependency<?, ?, ?> shuffle) {
            context().cleaner().get().doCleanupShuffle(shuffle.shuffleId(), blocking);
        }
        return this;
    }
}
