package dev.lockstep.driver.run;

import dev.lockstep.driver.run.RunRecord.Status;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How a run, or a sweep, stands.
 *
 * @param exitCode null while it is running
 * @param error what went wrong, in a line, or null
 * @param seconds that it took, or null
 * @param finished when it ended, or null
 */
public record Ending(Status status, Integer exitCode, String error, Double seconds, String finished) {
    /** Of what has begun. */
    public static final Ending NONE = new Ending(Status.RUNNING, null, null, null, null);

    static Ending of(StoredJson json) throws DamagedFileException {
        return new Ending(
                Status.of(json.text("status")),
                json.count("exit_code"),
                json.text("error"),
                json.number("seconds"),
                json.text("finished"));
    }

    /** These fields around others, which are left out where they are null. */
    Map<String, Object> around(Map<String, Object> others) {
        Map<String, Object> facts = new LinkedHashMap<>(others);
        facts.put("seconds", seconds);
        facts.put("finished", finished);
        facts.put("error", error);
        facts.values().removeIf(Objects::isNull);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("status", status.word());
        all.put("exit_code", exitCode);
        all.putAll(facts);
        return all;
    }
}
