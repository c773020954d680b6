package dev.lockstep.driver.run;

import java.util.List;
import java.util.stream.Collectors;

/** Tables as RFC 4180 has them. */
public final class Csv {
    private Csv() {}

    /** A row with its end of line; cells with commas, quotes or line breaks are quoted. */
    public static String row(List<String> cells) {
        return cells.stream().map(Csv::cell).collect(Collectors.joining(",")) + "\n";
    }

    /** A cell, quoted where it must be. */
    public static String cell(String text) {
        return text.matches("(?s).*[\",\\n\\r].*") ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
