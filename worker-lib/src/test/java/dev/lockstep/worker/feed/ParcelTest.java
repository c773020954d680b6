package dev.lockstep.worker.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParcelTest {

    /** Examples of a MiB: a parcel is a few MiB, however large they are. */
    @Test
    void parcelsOfLargeExamplesAreSmall() {
        int size = 1 << 20;
        Block block = Block.of(ExampleFormat.bytes(Shape.vector(size), 1 << 20), 0, new int[9], new byte[9 * size]);
        TrainingPlacement placement =
                new TrainingPlacement(new BatchPlan(new SeedLaw(5), 9, 9, 1, Sampling.EPOCH), Subset.all(9), 0, 1, 1);
        assertThat(Parcel.of(block, Chunks.of(placement, 1)))
                .toIterable()
                .hasSize(3)
                .allSatisfy(parcel -> assertThat(parcel.packed().length).isLessThanOrEqualTo(4 * (size + 4)));
    }

    /** A shuffle keeps no order, and a task's examples come from many blocks. */
    @Test
    void whatIsSentIsFoundInAnyOrderOfArrival() {
        int size = 600; // a parcel holds 256
        ExampleFormat format = ExampleFormat.bytes(Shape.vector(1), 5);
        byte[] values = new byte[size];
        for (int i = 0; i < size; i++) {
            values[i] = (byte) (i * 7);
        }
        Block all = Block.of(format, 0, new int[size], values);
        List<Block> blocks = List.of(part(all, 0, 250), part(all, 250, size));
        TrainingPlacement placement = new TrainingPlacement(
                new BatchPlan(new SeedLaw(5), size, 100, 2, Sampling.EPOCH), Subset.all(size), 0, 6, 2);
        for (int task = 0; task < 2; task++) {
            List<Parcel> sent = new ArrayList<>();
            for (Block block : blocks) {
                for (var parcels = Parcel.of(block, Chunks.of(placement, 1)); parcels.hasNext(); ) {
                    Parcel parcel = parcels.next();
                    if (parcel.partition() == task) {
                        sent.add(parcel);
                    }
                }
            }
            Collections.reverse(sent);
            ShuffledExamples.Collected collected = new ShuffledExamples.Collected();
            sent.forEach(collected::add);
            ShuffledExamples examples = collected.inOrder();
            for (long place = 0; place < size; place++) {
                if (placement.task(place) == task) {
                    assertThat(examples.between(place, place + 1))
                            .containsExactly(all.packed(placement.example(place)));
                } else {
                    assertThat(examples.between(place, place + 1)).isEmpty();
                }
            }
        }
    }

    private static Block part(Block all, int from, int to) {
        List<byte[]> examples = new ArrayList<>();
        for (int i = from; i < to; i++) {
            examples.add(all.packed(i));
        }
        return Block.of(from, examples);
    }
}
