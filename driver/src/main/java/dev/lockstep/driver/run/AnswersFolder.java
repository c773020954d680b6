package dev.lockstep.driver.run;

import dev.lockstep.driver.checkpoint.WriteException;
import dev.lockstep.driver.source.TableAnswers;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.table.RowAnswers.Counted;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.CollectionAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder of a model's answers, which the executors write. It appears under its name when all of it is there. */
public final class AnswersFolder {

    /** How answers are written down. */
    public enum Form {
        /** Text, a row a line; the first line of each file names the columns. */
        CSV("csv"),
        PARQUET("parquet"),
        /** Text, a JSON object a line. */
        JSONL("json");

        private final String source;

        Form(String source) {
            this.source = source;
        }

        /** Whether a value can be an array. */
        boolean hasArrays() {
            return this != CSV;
        }

        /** As users spell it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** By the ending of a name; null when it says nothing. */
        public static Form ofName(String name) {
            String lower = name.toLowerCase(Locale.ROOT);
            for (Form form : values()) {
                if (lower.endsWith("." + form) || lower.endsWith("." + form.source)) {
                    return form;
                }
            }
            return null;
        }
    }

    /**
     * What was written.
     *
     * @param answered rows
     * @param skipped rows that are no examples
     * @param why one of them is none; null when there are none
     */
    public record Written(long answered, long skipped, String why) {}

    private static final Logger LOG = LoggerFactory.getLogger(AnswersFolder.class);

    private final RunFolder parent;
    private final String name;

    /** @param parent what it is to be in, which exists */
    public AnswersFolder(RunFolder parent, String name) {
        this.parent = parent;
        this.name = name;
    }

    /**
     * Has the rows answered and written.
     *
     * @throws DataException when there are none, or one is no example and not to be skipped
     * @throws dev.lockstep.worker.failure.ModelException when the model's answers are no numbers
     */
    public Written write(
            JavaSparkContext spark, TableAnswers answers, StoredModel model, Objective objective, Form form)
            throws IOException {
        SparkContext context = spark.sc();
        CollectionAccumulator<String> why = context.collectionAccumulator();
        Counted counted = new Counted(context.longAccumulator(), context.longAccumulator(), why);
        Path unfinished = parent.path("." + name + ".unfinished");
        boolean whole = false;
        try {
            Jobs.broadcasting(spark, model, shared -> {
                answers.write(
                        shared,
                        objective,
                        !form.hasArrays(),
                        counted,
                        rows -> write(rows, form, unfinished.toString()));
                return null;
            });
            List<String> reasons = why.value().stream().sorted().toList();
            if (!reasons.isEmpty() && !answers.skips()) {
                throw new DataException("%s: %s (data.on-bad-row = skip leaves such rows out)"
                        .formatted(answers.name(), reasons.get(0)));
            }
            long answered = counted.answered().value();
            if (answered == 0) {
                throw new DataException(answers.name()
                        + (reasons.isEmpty()
                                ? " has no row for the test; give rows with --data"
                                : " has no row that is an example; why one of them is none: " + reasons.get(0)));
            }
            whole = parent.files().rename(unfinished, parent.path(name));
            if (!whole) {
                throw new WriteException(parent.path(name), new IOException("cannot rename " + unfinished));
            }
            return new Written(answered, counted.skipped().value(), reasons.isEmpty() ? null : reasons.get(0));
        } finally {
            if (!whole) {
                delete(unfinished);
            }
        }
    }

    /** A failure to is no word of what failed before. */
    private void delete(Path unfinished) {
        try {
            parent.files().delete(unfinished, true);
        } catch (IOException e) {
            LOG.warn("cannot delete {}: {}", unfinished, e.toString());
        }
    }

    private static void write(Dataset<Row> rows, Form form, String path) {
        DataFrameWriter<Row> writer = rows.write().format(form.source).mode("overwrite");
        (form == Form.CSV ? writer.option("header", "true") : writer).save(path);
    }
}
