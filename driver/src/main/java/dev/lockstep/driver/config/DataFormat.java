package dev.lockstep.driver.config;

/** The data formats a configuration can name. */
public enum DataFormat {
    /** The files of MNIST and its successors; each plain or gzipped. */
    IDX,
    /** CIFAR-10's binary version; each file plain or gzipped. */
    CIFAR10,
    /** A table of numbers whose first line names the columns; plain or gzipped. */
    CSV,
    /** Made up, by a rule and a seed. */
    GENERATED;

    /** Whether each example has one class, and is bytes. */
    public boolean isOfImages() {
        return this == IDX || this == CIFAR10;
    }
}
