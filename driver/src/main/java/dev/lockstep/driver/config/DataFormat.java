package dev.lockstep.driver.config;

/** The data formats a configuration can name. */
public enum DataFormat {
    /** The files of MNIST and its successors; each plain or gzipped. */
    IDX,
    /** CIFAR-10's binary version; each file plain or gzipped. */
    CIFAR10
}
