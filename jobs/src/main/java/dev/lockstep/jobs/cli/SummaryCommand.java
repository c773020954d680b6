package dev.lockstep.jobs.cli;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.worker.network.LayerSpec;
import dev.lockstep.worker.network.NetworkSize;
import dev.lockstep.worker.network.NetworkSpec;
import dev.lockstep.worker.network.Shape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "summary",
        description = "Shows a network: layers, output shapes, parameters, bytes a synchronisation.",
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
        Map<String, NetworkSize> sizes = spec.sizes();
        NetworkSize size = spec.size();
        StringBuilder table = new StringBuilder();
        row(table, "", "layer", "output", "parameters");
        row(table, "", "input", spec.input().toString(), "");
        rows(table, "", spec.layers(), spec.input(), sizes);
        return table.append(String.format(
                        Locale.ROOT,
                        "%s parameters, %s values of optimizer state; %s bytes a synchronisation%n",
                        count(size.parameters()),
                        count(size.optimizerValues()),
                        count(size.parameters() * Float.BYTES)))
                .toString();
    }

    /** @param prefix the name of the block that the layers are in, with a dot behind it; or empty */
    private static void rows(
            StringBuilder table, String prefix, List<LayerSpec> layers, Shape input, Map<String, NetworkSize> sizes) {
        Shape shape = input;
        for (int i = 0; i < layers.size(); i++) {
            LayerSpec layer = layers.get(i);
            String name = prefix + i;
            if (layer instanceof LayerSpec.Residual block) {
                rows(table, name + ".", block.layers(), shape, sizes);
            }
            shape = layer.output(shape);
            row(table, name, describe(layer), shape.toString(), count(parameters(name, sizes)));
        }
    }

    /** Of a layer, or of a block with all that is in it. */
    private static long parameters(String name, Map<String, NetworkSize> sizes) {
        return sizes.entrySet().stream()
                .filter(part -> part.getKey().equals(name) || part.getKey().startsWith(name + "."))
                .mapToLong(part -> part.getValue().parameters())
                .sum();
    }

    private static String describe(LayerSpec layer) {
        if (layer instanceof LayerSpec.Residual block) {
            return layer.type() + " block with shortcut "
                    + block.shortcut().name().toLowerCase(Locale.ROOT);
        }
        // A record prints as Name[a=1, b=2]: the values are what tells two layers of a type apart.
        // What is null is as the network's default has it.
        String values = layer.toString()
                .replaceFirst("^\\w+\\[", "")
                .replaceFirst("]$", "")
                .replaceAll(",? ?\\w+=null", "");
        return layer.type()
                + (values.isEmpty() ? "" : " " + values.toLowerCase(Locale.ROOT).replace(",", ""));
    }

    private static void row(StringBuilder table, String index, String layer, String output, String parameters) {
        table.append(String.format(Locale.ROOT, "%5s  %-66s %-12s %12s%n", index, layer, output, parameters));
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
