package dev.lockstep.bench.net;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Commands, one after the other, into one folder: runs whose bits are compared.
 *
 * @param commands the words behind {@code lockstep}, but for {@code --out} and {@code --master}
 * @param memory MB that an executor must have at least
 */
record Case(String name, List<List<String>> commands, int memory) {

    Case(String name, List<List<String>> commands) {
        this(name, commands, 0);
    }

    static Case train(String name, List<String> arguments) {
        return new Case(name, List.of(words("train", arguments)));
    }

    static List<String> words(String command, List<String> arguments, String... more) {
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(arguments);
        words.addAll(List.of(more));
        return words;
    }

    /** The same on another cluster, or by another exchange. */
    Case with(Shape shape) {
        return new Case(
                name,
                commands.stream()
                        .map(words -> Stream.concat(words.stream(), shape.words(memory).stream())
                                .toList())
                        .toList(),
                memory);
    }

    /** Where and how the steps are run, which no bit depends on. */
    record Shape(String master, String exchange) {
        private static final Pattern LOCAL_CLUSTER = Pattern.compile("(local-cluster\\[\\d+,\\d+,)(\\d+)]");

        private List<String> words(int memory) {
            Matcher cluster = LOCAL_CLUSTER.matcher(master);
            String wide = cluster.matches() && Integer.parseInt(cluster.group(2)) < memory
                    ? cluster.group(1) + memory + "]"
                    : master;
            List<String> words = new ArrayList<>(List.of("--master", wide));
            if (exchange != null) {
                words.add("train.exchange=" + exchange);
            }
            return words;
        }
    }
}
