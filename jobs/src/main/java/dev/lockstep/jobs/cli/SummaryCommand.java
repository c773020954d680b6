package dev.lockstep.jobs.cli;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.NetworkSize;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.layer.Graph;
import dev.lockstep.worker.model.layer.Layer;
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
        Map<String, NetworkSize> sizes = Networks.sizes(spec);
        NetworkSize size = Networks.size(spec);
        StringBuilder table = new StringBuilder();
        row(table, "", "layer", "output", "parameters");
        row(table, "", "input", spec.input().toString(), "");
        Graph graph = spec.graph();
        for (Node node : graph.nodes()) {
            long parameters =
                    sizes.getOrDefault(node.name(), NetworkSize.NOTHING).parameters();
            row(
                    table,
                    node.name(),
                    describe(node.layer()),
                    graph.shape(node.name()).toString(),
                    count(parameters));
        }
        return table.append(String.format(
                        Locale.ROOT,
                        "%s parameters, %s values of optimizer state; %s bytes a synchronisation%n",
                        count(size.parameters()),
                        count(size.optimizerValues()),
                        count(size.parameters() * Float.BYTES)))
                .toString();
    }

    private static String describe(Layer layer) {
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
