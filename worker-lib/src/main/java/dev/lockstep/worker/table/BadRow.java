package dev.lockstep.worker.table;

/** A row that is no example: it says which column, what is expected and what is found. */
final class BadRow extends Exception {
    private static final long serialVersionUID = 1L;

    BadRow(String column, String expected, Object found) {
        super("column '" + column + "': expected " + expected + ", found " + found, null, false, false);
    }
}
