package dev.lockstep.worker.table;

import dev.lockstep.worker.failure.DataException;

/** A row that is no example: it says which column, what is expected and what is found. */
final class BadRow extends Exception {
    private static final long serialVersionUID = 1L;

    BadRow(String column, String expected, Object found) {
        super("column '" + column + "': expected " + expected + ", found " + found, null, false, false);
    }

    /** @param told which says the same of a picture */
    BadRow(DataException told) {
        super(told.getMessage(), null, false, false);
    }
}
