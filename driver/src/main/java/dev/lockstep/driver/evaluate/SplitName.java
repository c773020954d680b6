package dev.lockstep.driver.evaluate;

/** The splits of the data that are looked at. */
public enum SplitName {
    TRAIN,
    VALIDATION,
    TEST
}
