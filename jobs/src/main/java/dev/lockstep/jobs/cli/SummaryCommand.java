package dev.lockstep.jobs.cli;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.report.LayerRow;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.NetworkSize;
import dev.lockstep.worker.model.NetworkSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "summary",
        description =
                "Shows a network: layers, output shapes, operations, parameters, memory, bytes a synchronisation.",
        mixinStandardHelpOptions = true)
final class SummaryCommand implements Callable<Integer> {

    @Mixin
    private ConfigurationOptions configuration;

    @Option(
            names = "--kernels",
            description = "Also: which code computes each layer, tried with one shard of random data.")
    private boolean kernels;

    @Override
    public Integer call() {
        RunConfig config = configuration.load(null);
        System.out.print(table(config));
        if (kernels) {
            System.out.println();
            System.out.print(KernelTable.of(config));
        }
        return ExitCode.DONE;
    }

    /** The model table, with DL4J's own count of the parameters; the network is not built for it. */
    static String table(RunConfig config) {
        NetworkSpec spec = config.network();
        List<LayerRow> layers = LayerRow.of(spec);
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"", "layer", "output", "FLOPs", "trainable", "parameters"});
        rows.add(new String[] {"", "input", spec.input().toString(), "", "", ""});
        for (LayerRow layer : layers) {
            rows.add(new String[] {
                layer.name(),
                layer.toString(),
                layer.output().toString(),
                String.format(Locale.ROOT, "%,.0f", layer.flops()),
                count(layer.trainable()),
                count(layer.parameters())
            });
        }
        int batch = config.training().batchSize();
        NetworkSize size = Networks.size(spec);
        return aligned(rows)
                + String.format(
                        Locale.ROOT,
                        "%s trained parameters; about %s FLOPs a step of %s examples; at least %s of memory a task%n",
                        count(layers.stream().mapToLong(LayerRow::trainable).sum()),
                        Numbers.count(LayerRow.flopsOfStep(layers, batch)),
                        count(batch),
                        Numbers.bytes(Float.BYTES * (2.0 * size.parameters() + size.optimizerValues())))
                + String.format(
                        Locale.ROOT,
                        "%s parameters, %s values of optimizer state; %s bytes a synchronisation%n",
                        count(size.parameters()),
                        count(size.optimizerValues()),
                        count(size.parameters() * Float.BYTES));
    }

    /** Each column as wide as what is in it: names and numbers to the right, the layer to the left. */
    private static String aligned(List<String[]> rows) {
        StringBuilder table = new StringBuilder();
        int columns = rows.get(0).length;
        int[] widths = new int[columns];
        rows.forEach(row -> Arrays.setAll(widths, i -> Math.max(widths[i], row[i].length())));
        for (String[] row : rows) {
            for (int i = 0; i < columns; i++) {
                String format = "%" + (i == 1 ? "-" : "") + Math.max(1, widths[i]) + "s";
                table.append(i == 0 ? " " : "  ").append(String.format(Locale.ROOT, format, row[i]));
            }
            table.append(System.lineSeparator());
        }
        return table.toString();
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
