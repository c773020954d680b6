package dev.lockstep.driver.config;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.picture.PictureReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads how a table is read. */
final class TableParser {
    /** Everything that says how, where it lies apart. */
    static final List<String> KEYS = List.of(
            "data.source",
            "data.table",
            "data.options",
            "data.columns",
            "data.images",
            "data.test-path",
            "data.test-fraction",
            "data.on-bad-row",
            "data.scaling");

    private TableParser() {}

    static RunConfig.Table table(ConfigSection root, DataFormat format) {
        boolean files = format != DataFormat.TABLE;
        if (files && !root.has("data.path")) {
            root.problem("data.path", "is missing; expected where the table's files lie");
        }
        String query = files ? null : required(root, "data.table", "a table's name, or a query");
        String source = source(root, format);
        RunConfig.Columns columns = columns(root, format);
        String testPath = files && root.has("data.test-path") ? root.free().text("data.test-path", null) : null;
        if (testPath != null && root.has("data.test-fraction")) {
            root.problem("data.test-fraction", "is given together with data.test-path; give one of them");
        }
        if (columns.test() != null && (testPath != null || root.has("data.test-fraction"))) {
            root.problem(
                    "data.columns.test",
                    "is given together with data.test-path or data.test-fraction; give one of them");
        }
        if (columns.validation() != null && root.has("data.validation-fraction")) {
            root.problem(
                    "data.columns.validation", "is given together with data.validation-fraction; give one of them");
        }
        root.knows("data.test-path");
        root.knows("data.test-fraction");
        boolean drawn = testPath == null && columns.test() == null;
        return new RunConfig.Table(
                source,
                query,
                options(root, format),
                columns,
                testPath,
                drawn ? root.number("data.test-fraction", 0.2, Interval.FRACTION) : 0,
                root.choice("data.on-bad-row", RunConfig.OnBadRow.FAIL, RunConfig.OnBadRow.class),
                format == DataFormat.IMAGES || root.has("data.images.resize")
                        ? root.choice("data.images.resize", PictureReader.Fit.CROP, PictureReader.Fit.class)
                        : null,
                root.choice("data.scaling", Scaling.Kind.NONE, Scaling.Kind.class));
    }

    private static String source(ConfigSection root, DataFormat format) {
        return switch (format) {
            case TABLE -> null;
            case SOURCE -> required(root, "data.source", "what Spark calls the format of the files");
            default -> ConfigSection.name(format);
        };
    }

    private static String required(ConfigSection root, String key, String expected) {
        if (!root.has(key)) {
            root.problem(key, "is missing; expected " + expected);
        }
        return root.text(key, null);
    }

    private static Map<String, String> options(ConfigSection root, DataFormat format) {
        Map<String, String> options = new TreeMap<>();
        if (format == DataFormat.CSV) {
            options.put("header", "true");
            options.put("inferSchema", "true");
        }
        Map<String, String> given = root.value("data.options", "an object", TableParser::texts, Map::copyOf);
        options.putAll(given == null ? Map.of() : given);
        return options;
    }

    /** Every value as text, those of objects inside by names with dots. */
    private static Map<String, String> texts(Object found) {
        if (!(found instanceof Map<?, ?> object)) {
            throw new IllegalArgumentException();
        }
        Map<String, String> texts = new TreeMap<>();
        object.forEach((name, value) -> {
            if (value instanceof Map<?, ?>) {
                texts(value).forEach((inside, text) -> texts.put(name + "." + inside, text));
            } else {
                texts.put(String.valueOf(name), String.valueOf(value));
            }
        });
        return texts;
    }

    private static RunConfig.Columns columns(ConfigSection root, DataFormat format) {
        RunConfig.Columns columns = new RunConfig.Columns(
                root.texts("data.columns.features", format == DataFormat.IMAGES ? List.of("image") : List.of()),
                root.texts("data.columns.label", List.of("label")),
                root.texts("data.columns.one-hot", List.of()),
                root.texts("data.columns.index", List.of()),
                root.text("data.columns.weight", null),
                root.text("data.columns.validation", null),
                root.text("data.columns.test", null),
                root.text("data.columns.id", null));
        List<String> named = new ArrayList<>(columns.label());
        named.addAll(columns.features());
        for (String other : new String[] {columns.weight(), columns.validation(), columns.test()}) {
            if (other != null) {
                named.add(other);
            }
        }
        Set<String> once = new HashSet<>();
        named.stream()
                .filter(name -> !once.add(name))
                .findFirst()
                .ifPresent(twice -> root.problem(
                        "data.columns", "name '" + twice + "' twice; expected each column to mean one thing"));
        return columns;
    }
}
