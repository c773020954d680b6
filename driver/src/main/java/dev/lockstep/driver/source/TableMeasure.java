package dev.lockstep.driver.source;

import dev.lockstep.driver.config.RunConfig.Columns;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.table.Column.Kind;
import dev.lockstep.worker.table.Fitted;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.BinaryAttribute;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/**
 * What a table says of the network that could learn from it, for whoever names none: by the metadata that spark.ml's stages
 * leave, else by looking at all rows.
 *
 * @param name as messages call it
 * @param meant what the columns mean
 */
public record TableMeasure(String name, Dataset<Row> rows, Columns meant) {

    /** A column whose rows say how many numbers they hold. */
    private record Sized(StructField field, Column size) {}

    /**
     * Refuses a table that lacks a column, or has one of a type that nothing can be learnt from, looking at no row.
     *
     * @param values whether numbers are to be told, not classes
     * @throws DataException that says which
     */
    public void check(boolean values) {
        checkFeatures();
        TableColumns columns = columns();
        for (String label : meant.label()) {
            StructField field = columns.field(label, "data.columns.label");
            if (values || !field.dataType().equals(DataTypes.StringType)) {
                columns.kind(field, false);
            }
        }
        columns.number(meant.weight(), "data.columns.weight");
        columns.flag(meant.validation(), "data.columns.validation");
        columns.flag(meant.test(), "data.columns.test");
        columns.id(meant.id());
    }

    /** The same of the features alone. */
    public void checkFeatures() {
        TableColumns columns = columns();
        for (String feature : columns.featureNames(meant)) {
            StructField field = columns.field(feature, "data.columns.features");
            boolean words = meant.oneHot().contains(feature) || meant.index().contains(feature);
            if (!words && !TableColumns.isImage(field)) {
                columns.kind(field, true);
            }
        }
    }

    /**
     * The shape of an example.
     *
     * @throws DataException when the rows differ in it, or none has one
     */
    public Shape input() {
        TableColumns columns = columns();
        int width = 0;
        List<Sized> sized = new ArrayList<>();
        List<String> features = columns.featureNames(meant);
        for (String feature : features) {
            StructField field = columns.field(feature, "data.columns.features");
            if (meant.oneHot().contains(feature)) {
                width += columns.words(field, TableColumns.MOST_WORDS).size();
            } else if (meant.index().contains(feature)) {
                width++;
            } else if (features.size() == 1 && TableColumns.isImage(field)) {
                return image(field);
            } else {
                Kind kind = columns.kind(field, true);
                int known = kind == Kind.NUMBER
                        ? 1
                        : kind == Kind.VECTOR
                                ? AttributeGroup.fromStructField(field).size()
                                : -1;
                if (known >= 0) {
                    width += known;
                } else {
                    sized.add(new Sized(field, size(field, kind)));
                }
            }
        }
        return Shape.vector(width + (sized.isEmpty() ? 0 : measured(sized)));
    }

    private static Column size(StructField field, Kind kind) {
        Column column = TableColumns.named(field.name());
        return switch (kind) {
            case VECTOR -> functions.size(org.apache.spark.ml.functions.vector_to_array(column, "float64"));
            case BYTES -> functions.length(column);
            default -> functions.size(column);
        };
    }

    private int measured(List<Sized> sized) {
        List<Column> sizes = new ArrayList<>();
        for (Sized each : sized) {
            Column size = functions.when(TableColumns.named(each.field().name()).isNotNull(), each.size());
            sizes.add(functions.min(size).cast(DataTypes.LongType));
            sizes.add(functions.max(size).cast(DataTypes.LongType));
        }
        Row found = rows.agg(functions.count(functions.lit(1)), sizes.toArray(Column[]::new))
                .first();
        int width = 0;
        for (int i = 0; i < sized.size(); i++) {
            String column = sized.get(i).field().name();
            requireSome(column, found.getLong(0), found.isNullAt(2 * i + 1));
            long least = found.getLong(2 * i + 1);
            long most = found.getLong(2 * i + 2);
            if (least != most) {
                throw new DataException("%s: column '%s' holds from %d to %d values a row; expected as many in each"
                        .formatted(name, column, least, most));
            }
            width += Math.toIntExact(most);
        }
        if (width == 0) {
            throw new DataException(
                    name + ": column '" + sized.get(0).field().name() + "' holds no values; expected some");
        }
        return width;
    }

    private void requireSome(String column, long all, boolean nothing) {
        if (all == 0) {
            throw new DataException(name + " has no row to learn from: it is empty");
        }
        if (nothing) {
            throw new DataException(name + ": column '" + column + "' holds only nulls");
        }
    }

    private Shape image(StructField field) {
        Column image = TableColumns.named(field.name());
        List<Row> first = rows.where(image.isNotNull())
                .select(image.getField("nChannels"), image.getField("height"), image.getField("width"))
                .limit(1)
                .collectAsList();
        requireSome(field.name(), first.isEmpty() ? rows.count() : 1, first.isEmpty());
        Row found = first.get(0);
        return new Shape(found.getInt(0) == 1 ? 1 : 3, found.getInt(1), found.getInt(2));
    }

    /** Whether there are features that can be scaled: numbers, not bytes, words or pictures. */
    public boolean hasNumbers() {
        TableColumns columns = columns();
        return columns.featureNames(meant).stream()
                .filter(feature ->
                        !meant.oneHot().contains(feature) && !meant.index().contains(feature))
                .map(feature -> columns.field(feature, "data.columns.features"))
                .anyMatch(field -> !TableColumns.isImage(field) && columns.kind(field, true) != Kind.BYTES);
    }

    /**
     * How many classes the label has.
     *
     * @throws DataException when it has one only, or none
     */
    public int classes() {
        TableColumns columns = columns();
        StructField field = columns.field(meant.label().get(0), "data.columns.label");
        if (field.dataType().equals(DataTypes.StringType)) {
            List<String> words = columns.words(field, TableColumns.MOST_WORDS);
            if (words.size() == 1) {
                throw new DataException(name + ": column '" + field.name() + "' holds one label only ('"
                        + Excerpt.of(words.get(0)) + "'); expected at least two classes");
            }
            return words.size();
        }
        if (columns.kind(field, false) == Kind.NUMBER && !field.dataType().equals(DataTypes.BooleanType)) {
            Attribute attribute = Attribute.fromStructField(field);
            if (attribute instanceof NominalAttribute nominal
                    && nominal.getNumValues().isDefined()) {
                return Math.max(2, (Integer) nominal.getNumValues().get());
            }
            if (!(attribute instanceof BinaryAttribute)) {
                return counted(field);
            }
        }
        return 2;
    }

    private int counted(StructField field) {
        Column label = TableColumns.named(field.name());
        Row found = rows.agg(
                        functions.count(functions.lit(1)),
                        functions
                                .max(functions.when(functions.not(functions.isnan(label)), label))
                                .cast(DataTypes.DoubleType))
                .first();
        requireSome(field.name(), found.getLong(0), found.isNullAt(1));
        double largest = found.getDouble(1);
        if (!(largest < TableColumns.MOST_WORDS)) {
            throw new DataException("%s: column '%s' holds %s; expected classes from 0 to at most %d"
                    .formatted(name, field.name(), largest, TableColumns.MOST_WORDS - 1));
        }
        return Math.max(2, (int) largest + 1);
    }

    private TableColumns columns() {
        return new TableColumns(name, rows, Fitted.NOTHING);
    }
}
