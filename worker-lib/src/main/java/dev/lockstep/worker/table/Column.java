package dev.lockstep.worker.table;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.picture.PictureReader;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;

/**
 * A column of a table that numbers are read from.
 *
 * @param at where it is in a row, from 0
 * @param kind what it holds
 * @param words that it may hold, ascending by code points; of numbers, none
 * @param pictures what becomes of its pictures; null where it has none
 */
public record Column(String name, int at, Kind kind, List<String> words, PictureReader pictures)
        implements Serializable {

    /** What a column holds. */
    public enum Kind {
        /** A number or a boolean, which is 0 or 1. */
        NUMBER,
        /** Numbers. */
        ARRAY,
        /** A vector of spark.ml's. */
        VECTOR,
        /** Unsigned bytes, of which a network is given a 255th. */
        BYTES,
        /** An encoded picture, PNG or JPEG. */
        PICTURE,
        /** The pixels of a picture, as Spark's {@code image} source has them. */
        IMAGE,
        /** One of {@link Column#words}, as its index. */
        INDEX,
        /** One of {@link Column#words}, as a 1 among zeros. */
        ONE_HOT
    }

    /** Of numbers. */
    public Column(String name, int at, Kind kind) {
        this(name, at, kind, List.of());
    }

    /** Of words. */
    public Column(String name, int at, Kind kind, List<String> words) {
        this(name, at, kind, words, null);
    }

    /** Of pictures. */
    public Column(String name, int at, Kind kind, PictureReader pictures) {
        this(name, at, kind, List.of(), pictures);
    }

    /** Whether a row's numbers are unsigned bytes, which {@link #bytes} reads. */
    public boolean isOfBytes() {
        return kind == Kind.BYTES || kind == Kind.PICTURE || kind == Kind.IMAGE;
    }

    /** How many numbers it gives; 0 where every row says it itself. */
    public int width() {
        return switch (kind) {
            case NUMBER, INDEX -> 1;
            case ONE_HOT -> words.size();
            case PICTURE, IMAGE -> pictures.shape().size();
            case ARRAY, VECTOR, BYTES -> 0;
        };
    }

    /** The numbers of a row, all of them finite. */
    float[] read(Row row) throws BadRow {
        if (row.isNullAt(at)) {
            throw new BadRow(name, kind == Kind.INDEX || kind == Kind.ONE_HOT ? "a word" : "a number", "null");
        }
        return switch (kind) {
            case NUMBER -> new float[] {number(row.get(at))};
            case INDEX -> new float[] {index(row)};
            case ONE_HOT -> {
                float[] values = new float[words.size()];
                values[index(row)] = 1;
                yield values;
            }
            case ARRAY -> {
                List<?> found = row.getList(at);
                float[] values = new float[found.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = number(found.get(i));
                }
                yield values;
            }
            case VECTOR -> {
                double[] found = row.<Vector>getAs(at).toArray();
                float[] values = new float[found.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = finite(found[i]);
                }
                yield values;
            }
            case BYTES, PICTURE, IMAGE -> {
                byte[] found = bytes(row);
                float[] values = new float[found.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (found[i] & 0xff) / 255f;
                }
                yield values;
            }
        };
    }

    /** The bytes of a row. */
    byte[] bytes(Row row) throws BadRow {
        if (row.isNullAt(at)) {
            throw new BadRow(name, kind == Kind.BYTES ? "bytes" : "a picture", "null");
        }
        try {
            String picture = "column '" + name + "'";
            if (kind == Kind.IMAGE) {
                Row image = row.getStruct(at);
                return pictures.ofPixels(
                        picture,
                        image.<Integer>getAs("height"),
                        image.<Integer>getAs("width"),
                        image.<Integer>getAs("nChannels"),
                        image.<Integer>getAs("mode"),
                        image.<byte[]>getAs("data"));
            }
            byte[] found = row.getAs(at);
            return kind == Kind.PICTURE ? pictures.decode(picture, found) : found;
        } catch (DataException e) {
            throw new BadRow(e);
        }
    }

    /** The place among {@link #words} of a row's. */
    int index(Row row) throws BadRow {
        String word = row.isNullAt(at) ? null : String.valueOf(row.get(at));
        int found = word == null ? -1 : Words.indexOf(words, word);
        if (found < 0) {
            throw new BadRow(
                    name,
                    words.size() <= 10 ? "one of " + String.join(", ", words) : "one of " + words.size() + " words",
                    word == null ? "null" : "'" + Excerpt.of(word) + "'");
        }
        return found;
    }

    private float number(Object value) throws BadRow {
        if (value instanceof Number number) {
            return finite(number.doubleValue());
        }
        if (value instanceof Boolean truth) {
            return truth ? 1 : 0;
        }
        throw new BadRow(name, "a number", Excerpt.of(value));
    }

    private float finite(double value) throws BadRow {
        if (!Float.isFinite((float) value)) {
            throw new BadRow(name, "a finite number", value);
        }
        return (float) value;
    }
}
