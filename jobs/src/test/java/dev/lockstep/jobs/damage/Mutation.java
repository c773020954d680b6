package dev.lockstep.jobs.damage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/** One way to damage a file, or to write it with bad intent; the same seed gives the same damage. */
final class Mutation {
    /** Numbers at the ends of their ranges, and what is in the place of a number, a text or a list. */
    private static final String[] VALUES = {
        "0",
        "-1",
        "1",
        "2",
        "127",
        "255",
        "65536",
        "2147483647",
        "2147483648",
        "-2147483648",
        "4294967295",
        "9223372036854775807",
        "-9223372036854775808",
        "99999999999999999999999999",
        "1e308",
        "-1e308",
        "1e999",
        "-1e999",
        "1e-320",
        "0.5",
        "\"NaN\"",
        "\"-Infinity\"",
        "null",
        "true",
        "\"\"",
        "[]",
        "{}",
        "[null]",
        "[[]]",
        "{\"\":null}",
        "\"..\"",
        "\"/\"",
        "\"a:b\"",
        "\"hdfs://nowhere/x\"",
        "\"\\u0000\\n\"",
        "\"\uE000PATH\uE001\"",
        "\"${PATH}\""
    };

    private static final long[] WORDS = {
        0,
        1,
        2,
        -1,
        255,
        Byte.MIN_VALUE,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        0x00FF_FFFFL,
        0x0000_0803_0000_0001L
    };
    private static final Pattern TOKEN = Pattern.compile("-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?|\"[^\"\\n]*\"|\\w+");
    private static final int LARGEST = 60_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Random random;

    Mutation(long seed) {
        this.random = new Random(seed);
    }

    /** Bytes that mean something by their places. */
    byte[] binary(byte[] whole) {
        byte[] bytes = whole;
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            bytes = switch (random.nextInt(7)) {
                case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
                case 1 -> Arrays.copyOf(bytes, bytes.length + random.nextInt(64));
                case 2, 3 -> wordAt(bytes, near(bytes.length));
                default -> flipped(bytes, near(bytes.length));
            };
        }
        return bytes;
    }

    /** A PNG whose chunks' check sums are right nevertheless, so that what is in them is read. */
    byte[] png(byte[] whole) {
        byte[] bytes = binary(whole).clone();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        for (int at = 8; at <= bytes.length - 12; ) {
            int length = in.getInt(at);
            if (length < 0 || length > bytes.length - at - 12) {
                break;
            }
            CRC32 sum = new CRC32();
            sum.update(bytes, at + 4, length + 4);
            in.putInt(at + 8 + length, (int) sum.getValue());
            at += length + 12;
        }
        return bytes;
    }

    /** JSON, one value a file or a line: a value of it replaced, or its text damaged. */
    byte[] json(byte[] whole) {
        List<String> lines = new ArrayList<>(List.of(new String(whole, StandardCharsets.UTF_8).split("\n")));
        if (random.nextInt(3) == 0) {
            return text(whole);
        }
        try {
            boolean one = lines.get(0).trim().equals("{");
            int line = one ? 0 : random.nextInt(lines.size());
            JsonNode tree = JSON.readTree(one ? String.join("\n", lines) : lines.get(line));
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                JsonNode before = tree.deepCopy();
                replace(tree);
                tree = tree.toString().length() > LARGEST ? before : tree;
            }
            if (one) {
                return tree.toString().getBytes(StandardCharsets.UTF_8);
            }
            lines.set(line, tree.toString());
            return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** Words, numbers and brackets. */
    byte[] text(byte[] whole) {
        String text = new String(whole, StandardCharsets.UTF_8);
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int from = random.nextInt(text.length() + 1);
            int to = Math.min(text.length(), from + random.nextInt(40));
            text = switch (random.nextInt(8)) {
                case 0 -> text.substring(0, from);
                case 1 -> text.substring(0, from) + text.substring(to);
                case 2 ->
                    text.substring(0, from) + text.substring(from, to).repeat(random.nextInt(300)) + text.substring(to);
                case 3 -> text.substring(0, from) + "[{\"$".charAt(random.nextInt(4)) + text.substring(from);
                case 4 -> text.substring(0, from) + (char) random.nextInt(0x300) + text.substring(from);
                default -> tokenReplaced(text);
            };
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String tokenReplaced(String text) {
        List<MatchResult> tokens = TOKEN.matcher(text).results().toList();
        if (tokens.isEmpty()) {
            return text;
        }
        MatchResult token = tokens.get(random.nextInt(tokens.size()));
        return text.substring(0, token.start()) + VALUES[random.nextInt(VALUES.length)] + text.substring(token.end());
    }

    private void replace(JsonNode tree) throws JsonProcessingException {
        List<ContainerNode<?>> containers = new ArrayList<>();
        collect(tree, containers);
        if (containers.isEmpty()) {
            return;
        }
        ContainerNode<?> into = containers.get(random.nextInt(containers.size()));
        JsonNode value = value();
        if (into instanceof ArrayNode list) {
            int at = random.nextInt(list.size());
            switch (random.nextInt(4)) {
                case 0 -> list.remove(at);
                case 1 -> {
                    int most = 30_000 / (1 + value.toString().length());
                    for (int n = random.nextInt(1 + Math.min(2000, most)); n > 0; n--) {
                        list.add(value);
                    }
                }
                default -> list.set(at, value);
            }
        } else {
            ObjectNode object = (ObjectNode) into;
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(4)) {
                case 0 -> object.remove(name);
                case 1 -> object.set("x".repeat(random.nextInt(5000)), value);
                default -> object.set(name, value);
            }
        }
    }

    private static void collect(JsonNode node, List<ContainerNode<?>> into) {
        if (node instanceof ContainerNode<?> container && !container.isEmpty()) {
            into.add(container);
        }
        node.forEach(child -> collect(child, into));
    }

    private JsonNode value() throws JsonProcessingException {
        return switch (random.nextInt(12)) {
            case 0 -> JSON.getNodeFactory().textNode("long ".repeat(2_000));
            case 1 -> JSON.readTree("[".repeat(900) + "]".repeat(900));
            default -> JSON.readTree(VALUES[random.nextInt(VALUES.length)]);
        };
    }

    /** Headers stand at the front. */
    private int near(int length) {
        int within = random.nextBoolean() ? Math.min(length, 48) : length;
        return within == 0 ? 0 : random.nextInt(within);
    }

    private byte[] wordAt(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        byte[] word = ByteBuffer.allocate(Long.BYTES)
                .putLong(WORDS[random.nextInt(WORDS.length)])
                .array();
        int from = random.nextBoolean() ? 0 : Integer.BYTES;
        for (int i = from; i < word.length && at + i - from < changed.length; i++) {
            changed[at + i - from] = word[i];
        }
        return changed;
    }

    private byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        if (at < changed.length) {
            changed[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        }
        return changed;
    }
}
