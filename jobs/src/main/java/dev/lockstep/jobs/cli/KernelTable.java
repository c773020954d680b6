package dev.lockstep.jobs.cli;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.loop.MemoryNeed;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.LayerKernel;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SplitMix64;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Which code computes each layer, by choice and, in the gradient of one shard of random data, in fact. */
final class KernelTable {
    private KernelTable() {}

    static String of(RunConfig config) {
        int shards = config.training().shards();
        int shard = (config.training().batchSize() + shards - 1) / shards;
        var spec = config.network();
        MemoryNeed.check(config, "local");
        Replica replica = new Replica(spec, new SeedLaw(config.seed()));
        replica.gradient(new StepId(0, 0, shard), 0, random(shard, spec.input().size(), spec.classes()));
        List<LayerKernel> choices = replica.model().kernels();

        StringBuilder table = new StringBuilder();
        row(table, "", "layer", "computed by", "how, or why DL4J's", "forward", "backward");
        for (LayerKernel choice : choices) {
            boolean ours = !choice.technique().isEmpty();
            row(
                    table,
                    Integer.toString(choice.index()),
                    choice.type(),
                    choice.kernel(),
                    ours ? choice.technique() : choice.stock().isEmpty() ? "next to nothing to do" : choice.stock(),
                    ours ? passes(choice.forward(), choice.stockForward()) : "DL4J's",
                    ours ? passes(choice.backward(), choice.stockBackward()) : "DL4J's");
        }
        long kept = choices.stream().filter(choice -> !choice.stock().isEmpty()).count();
        long fallbacks = choices.stream()
                .mapToLong(choice -> choice.stockForward() + choice.stockBackward())
                .sum();
        return table.append(String.format(
                        Locale.ROOT,
                        "one gradient of %d examples: %d layers left to DL4J, %d passes of ours handed to DL4J's code%n",
                        shard,
                        kept,
                        fallbacks))
                .toString();
    }

    private static List<byte[]> random(int examples, int size, int classes) {
        SplitMix64 random = new SplitMix64(0);
        byte[] values = new byte[examples * size];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) random.nextLong();
        }
        int[] labels = new int[examples];
        for (int i = 0; i < examples; i++) {
            labels[i] = (int) random.nextLong(classes);
        }
        Block block = Block.of(ExampleFormat.bytes(Shape.vector(size), 1 << 20), 0, labels, values);
        return IntStream.range(0, examples).mapToObj(block::packed).toList();
    }

    private static String passes(long ours, long stock) {
        return stock == 0 ? Long.toString(ours) : ours + ", DL4J's " + stock;
    }

    private static void row(
            StringBuilder table, String index, String layer, String kernel, String how, String forward, String back) {
        table.append(String.format(
                Locale.ROOT, "%3s  %-20s %-20s %-44s %-11s %s%n", index, layer, kernel, how, forward, back));
    }
}
