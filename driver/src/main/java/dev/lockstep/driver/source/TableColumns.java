package dev.lockstep.driver.source;

import dev.lockstep.driver.config.EditDistance;
import dev.lockstep.driver.config.RunConfig.Columns;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.picture.PictureReader;
import dev.lockstep.worker.picture.PictureReader.Fit;
import dev.lockstep.worker.table.Column;
import dev.lockstep.worker.table.Column.Kind;
import dev.lockstep.worker.table.Fitted;
import dev.lockstep.worker.table.RowEncoder.Mark;
import dev.lockstep.worker.table.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns of a table that mean something: found by their names, of a type that they can have. */
final class TableColumns {
    /** More words than that are no categories. */
    static final int MOST_WORDS = 10_000;

    /** No column of the table's own. */
    private static final String FILE = "name of the file of a row";

    private static final String ID = "id of a row";

    private final String table;
    private final Dataset<Row> rows;
    private final List<String> trainedWith;
    private final Map<String, List<String>> words;
    private final Map<String, org.apache.spark.sql.Column> chosen = new LinkedHashMap<>();

    /**
     * @param table as messages call it
     * @param fitted what is known of them from before
     */
    TableColumns(String table, Dataset<Row> rows, Fitted fitted) {
        this.table = table;
        this.rows = rows;
        this.words = new TreeMap<>(String.CASE_INSENSITIVE_ORDER); // as Spark takes names of columns
        this.words.putAll(fitted.words());
        this.trainedWith = fitted.features();
    }

    /** Whether there is no row. */
    boolean areEmpty() {
        return rows.isEmpty();
    }

    /**
     * Asks for the columns that say which row it is, before any other.
     *
     * @param id the one that does; null for all there are, but for pictures
     * @param pictures as {@link #features} has it
     * @return how many these are
     */
    int kept(String id, Fit pictures) {
        if (id != null) {
            at(field(id, "data.columns.id"));
        } else {
            Arrays.stream(rows.schema().fields())
                    .filter(field -> !isPicture(field, pictures))
                    .forEach(this::at);
        }
        return chosen.size();
    }

    /** The words of a column that are known from before; none where nobody knows any. */
    List<String> known(String name) {
        return words.getOrDefault(name, List.of());
    }

    /** All of the table's columns are asked for, in its order. */
    TableColumns whole() {
        for (StructField field : rows.schema().fields()) {
            at(field);
        }
        return this;
    }

    /** The columns that were asked for, in the order of their {@link Column#at}. */
    Dataset<Row> selected() {
        return rows.select(chosen.values().toArray(org.apache.spark.sql.Column[]::new));
    }

    /** The features, which together are what a network takes where that can be told from their types. */
    List<Column> features(Columns wanted, Shape input, Fit pictures) {
        List<Column> features = new ArrayList<>();
        for (String name : featureNames(wanted)) {
            StructField field = field(
                    name,
                    trainedWith.isEmpty() ? "data.columns.features" : "a feature that the model was trained with");
            boolean oneHot = wanted.oneHot().contains(name);
            if (oneHot || wanted.index().contains(name)) {
                features.add(new Column(
                        field.name(), at(field), oneHot ? Kind.ONE_HOT : Kind.INDEX, words(field, MOST_WORDS)));
            } else if (isPicture(field, pictures)) {
                features.add(picture(field, input, pictures == null ? Fit.CROP : pictures));
            } else {
                features.add(new Column(field.name(), at(field), kind(field, true)));
            }
        }
        for (String name : concat(wanted.oneHot(), wanted.index())) {
            if (features.stream().noneMatch(feature -> feature.name().equalsIgnoreCase(name))) {
                throw new DataException("data.columns: '" + Excerpt.of(name) + "' holds words, but is no feature of "
                        + table + "; name it in data.columns.features, too");
            }
        }
        boolean known = features.stream().allMatch(feature -> feature.width() > 0);
        int width = features.stream().mapToInt(Column::width).sum();
        if (known && width != input.size()) {
            throw new DataException(
                    "%s has features of %d values in %s but the network expects %s; set network.input to [%d]"
                            .formatted(table, width, count(features.size(), "column"), input, width));
        }
        return features;
    }

    private static boolean isPicture(StructField field, Fit pictures) {
        return isImage(field) || pictures != null && field.dataType().equals(DataTypes.BinaryType);
    }

    /** Whether it is what Spark's {@code image} source gives. */
    static boolean isImage(StructField field) {
        return field.dataType() instanceof StructType struct
                && Arrays.asList(struct.fieldNames())
                        .containsAll(List.of("height", "width", "nChannels", "mode", "data"));
    }

    private Column picture(StructField field, Shape input, Fit fit) {
        if (!PictureReader.gives(input)) {
            throw new DataException(("%s: column '%s' holds pictures but the network expects %s; set network.input to"
                            + " [channels, height, width], with 1 channel for grey or 3 for colours")
                    .formatted(table, field.name(), input));
        }
        return new Column(
                field.name(), at(field), isImage(field) ? Kind.IMAGE : Kind.PICTURE, new PictureReader(input, fit));
    }

    List<String> featureNames(Columns wanted) {
        if (!wanted.features().isEmpty()) {
            return wanted.features();
        }
        if (!trainedWith.isEmpty()) {
            return trainedWith;
        }
        Set<String> others = new HashSet<>(wanted.label());
        others.addAll(Arrays.asList(wanted.weight(), wanted.validation(), wanted.test(), wanted.id()));
        List<String> names = Arrays.stream(rows.columns())
                .filter(name -> others.stream().noneMatch(name::equalsIgnoreCase))
                .toList();
        if (names.isEmpty()) {
            throw new DataException(table + " has no column that could be a feature; it has " + names());
        }
        return names;
    }

    /** What is to be told. Words of classes are as many as there are classes. */
    List<Column> label(Columns wanted, Target target) {
        List<Column> label = new ArrayList<>();
        for (String name : wanted.label()) {
            StructField field = field(name, "data.columns.label");
            boolean word = field.dataType().equals(DataTypes.StringType);
            if (target.kind() == Target.Kind.CLASS && word) {
                label.add(new Column(field.name(), at(field), Kind.INDEX, classes(field, target.values())));
            } else {
                label.add(new Column(field.name(), at(field), kind(field, target.kind() == Target.Kind.VALUES)));
            }
        }
        int values = target.kind() == Target.Kind.CLASS ? 1 : target.values();
        boolean numbers = label.stream().allMatch(column -> column.width() == 1);
        if (numbers ? label.size() != values : label.size() != 1) {
            throw new DataException("data.columns.label names %s but the network tells %d; expected as many"
                    .formatted(count(label.size(), "column"), values));
        }
        return label;
    }

    private List<String> classes(StructField field, int classes) {
        List<String> words = words(field, Math.max(classes, MOST_WORDS));
        if (words.size() == 1) {
            throw new DataException("%s: all rows have the same label, %s (%s); expected at least two classes"
                    .formatted(table, Excerpt.of(words.get(0)), field.name()));
        }
        if (words.size() != classes) {
            throw new DataException(
                    "%s: column '%s' holds %s (%s), but the network tells %d classes; set network.classes = %d"
                            .formatted(
                                    table,
                                    field.name(),
                                    count(words.size(), "label"),
                                    Excerpt.of(String.join(", ", words)),
                                    classes,
                                    words.size()));
        }
        return words;
    }

    /** The words of a column, in the order that their numbers have. */
    List<String> words(StructField field, int most) {
        if (words.containsKey(field.name())) {
            return words.get(field.name());
        }
        List<Row> found = rows.select(
                        named(field.name()).cast(DataTypes.StringType).as("word"))
                .where(functions.col("word").isNotNull())
                .distinct()
                .limit(most + 1)
                .collectAsList();
        if (found.isEmpty()) {
            throw new DataException(table + ": column '" + field.name() + "' holds no word, only nulls");
        }
        if (found.size() > most) {
            throw new DataException(table + ": column '" + field.name() + "' holds more than " + most
                    + " different words; expected categories");
        }
        return Words.inOrder(found.stream().map(row -> row.getString(0)).toList());
    }

    /** A column of booleans; null for none. */
    Mark flag(String name, String key) {
        if (name == null) {
            return null;
        }
        StructField field = field(name, key);
        if (!field.dataType().equals(DataTypes.BooleanType)) {
            throw wrongType(field, "boolean");
        }
        return new Mark(field.name(), at(field));
    }

    /** The column whose order the rows have; null for none. */
    Mark id(String name) {
        if (name == null) {
            return null;
        }
        StructField field = field(name, "data.columns.id");
        org.apache.spark.sql.Column value = named(field.name());
        org.apache.spark.sql.Column ordered =
                switch (field.dataType().typeName()) {
                    case "byte", "short", "integer", "long", "float", "double", "string", "binary" -> value;
                    case "date" -> functions.datediff(value, functions.lit("1970-01-01"));
                    case "timestamp" ->
                        functions.expr("unix_micros(`" + field.name().replace("`", "``") + "`)");
                    default -> throw wrongType(field, "a whole number, a word or a time");
                };
        return new Mark(field.name(), at(ID, ordered));
    }

    /** A column of numbers; null for none. */
    Mark number(String name, String key) {
        if (name == null) {
            return null;
        }
        StructField field = field(name, key);
        if (!(field.dataType() instanceof NumericType)) {
            throw wrongType(field, "a number");
        }
        return new Mark(field.name(), at(field));
    }

    private int at(StructField field) {
        return at(field.name(), named(field.name()));
    }

    /** The names of the files that rows come from; null where Spark knows none, as of a join's. */
    Mark file() {
        try {
            rows.select(functions.input_file_name());
        } catch (Exception e) { // Scala throws what Java does not declare
            return null;
        }
        return new Mark(FILE, at(FILE, functions.input_file_name()));
    }

    private int at(String name, org.apache.spark.sql.Column value) {
        chosen.putIfAbsent(name, value.as(name));
        return List.copyOf(chosen.keySet()).indexOf(name);
    }

    static org.apache.spark.sql.Column named(String column) {
        return functions.col("`" + column.replace("`", "``") + "`");
    }

    /** What its type is read as, of one value or several. */
    Kind kind(StructField field, boolean several) {
        DataType type = field.dataType();
        if (type instanceof NumericType || type.equals(DataTypes.BooleanType)) {
            return Kind.NUMBER;
        }
        if (several
                && type instanceof ArrayType array
                && (array.elementType() instanceof NumericType
                        || array.elementType().equals(DataTypes.BooleanType))) {
            return Kind.ARRAY;
        }
        if (several && type.equals(SQLDataTypes.VectorType())) {
            return Kind.VECTOR;
        }
        if (several && type.equals(DataTypes.BinaryType)) {
            return Kind.BYTES;
        }
        throw wrongType(
                field,
                several
                        ? "a number, or an array, a vector or bytes of them"
                                + (type.equals(DataTypes.StringType)
                                        ? "; of words, name it in data.columns.one-hot or data.columns.index"
                                        : "")
                        : "a number or a word");
    }

    private DataException wrongType(StructField field, String expected) {
        return new DataException(table + ": column '" + field.name() + "' is of type "
                + Excerpt.of(field.dataType().simpleString()) + "; expected " + expected);
    }

    /** @throws DataException that names the nearest column when there is none of that name */
    StructField field(String name, String key) {
        StructField[] fields = rows.schema().fields();
        return exactly(fields, name).or(() -> anyCase(fields, name)).orElseThrow(() -> missing(name, key));
    }

    private static Optional<StructField> exactly(StructField[] fields, String name) {
        return Arrays.stream(fields).filter(field -> field.name().equals(name)).findFirst();
    }

    private static Optional<StructField> anyCase(StructField[] fields, String name) {
        List<StructField> found = Arrays.stream(fields)
                .filter(field -> field.name().equalsIgnoreCase(name))
                .toList();
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }

    private DataException missing(String name, String key) {
        String nearest = Arrays.stream(rows.columns())
                .min(Comparator.comparingInt(column -> EditDistance.between(lower(column), lower(name))))
                .filter(column -> EditDistance.between(lower(column), lower(name)) <= Math.max(1, name.length() / 3))
                .map(column -> "; did you mean '" + Excerpt.of(column) + "'?")
                .orElse("; it has " + names());
        return new DataException(table + " has no column '" + Excerpt.of(name) + "' (" + key + ")" + nearest);
    }

    private String names() {
        return Excerpt.of(String.join(", ", rows.columns()));
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static String count(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static List<String> concat(List<String> one, List<String> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }
}
