package dev.lockstep.worker.model;

/** How a packed example is stored. */
public enum Encoding {
    /** Its class, big-endian in 4 bytes, then one unsigned byte a value, of which 255 stands for 1. */
    BYTES,
    /** Little-endian float32: its values as the network takes them, then what each output should be. */
    FLOATS
}
