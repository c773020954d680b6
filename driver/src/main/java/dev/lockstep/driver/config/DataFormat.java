package dev.lockstep.driver.config;

/** The data formats a configuration can name. */
public enum DataFormat {
    /** The files of MNIST and its successors; each plain or gzipped. */
    IDX,
    /** CIFAR-10's binary version; each file plain or gzipped. */
    CIFAR10,
    /** A table in Parquet files. */
    PARQUET,
    /** A table in ORC files. */
    ORC,
    /** A table in text, a row a line, whose first line names the columns unless the options say otherwise. */
    CSV,
    /** A table in text, a JSON object a line. */
    JSON,
    /** Pictures in folders that are called by their label: {@code label/file.png}. */
    IMAGES,
    /** A table in files of another kind that this Spark reads. */
    SOURCE,
    /** A table that Spark's catalog knows, or what a query gives. */
    TABLE,
    /** Text in files, cut into tokens, of which the next one is to be told. */
    TEXT,
    /** Made up, by a rule and a seed. */
    GENERATED;

    /** Whether each example has one class, and is bytes. */
    public boolean isOfImages() {
        return this == IDX || this == CIFAR10;
    }

    /** Whether every step of a sequence can have a target. */
    public boolean tellsSteps() {
        return this == TEXT || this == GENERATED;
    }

    /** Whether it has rows and columns, which Spark reads. */
    public boolean isTable() {
        return switch (this) {
            case PARQUET, ORC, CSV, JSON, IMAGES, SOURCE, TABLE -> true;
            case IDX, CIFAR10, TEXT, GENERATED -> false;
        };
    }
}
