package dev.lockstep.driver.run;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code sweep.json}: what a sweep is and how it went; rewritten whole at each change. What is not known yet is null.
 *
 * @param place where it runs
 * @param best its best trial so far
 * @param trialSeconds what all trials took together
 */
public record SweepRecord(Ending ending, Identity identity, Place place, Best best, Double trialSeconds) {
    public static final String FILE = "sweep.json";

    /**
     * What a sweep is.
     *
     * @param version of Lockstep
     * @param command what the user typed
     * @param train the command that trains what all trials share
     * @param metric what trials are compared by
     * @param trials how many there are to be
     * @param started when it was begun first
     */
    public record Identity(
            String version, String command, String train, String metric, Integer trials, String started) {}

    /** @param slots how many tasks run at once */
    public record Place(String sparkMaster, String sparkApplicationId, Integer slots) {}

    /** @param command that trains it again */
    public record Best(String trial, String command, String parametersSha256) {}

    /** Of a sweep that has begun. */
    public static SweepRecord of(Identity identity) {
        return new SweepRecord(Ending.NONE, identity, new Place(null, null, null), new Best(null, null, null), null);
    }

    public SweepRecord with(Place now) {
        return new SweepRecord(ending, identity, now, best, trialSeconds);
    }

    public SweepRecord with(Best now) {
        return new SweepRecord(ending, identity, place, now, trialSeconds);
    }

    public SweepRecord with(Ending now, double secondsOfTrials) {
        return new SweepRecord(now, identity, place, best, secondsOfTrials);
    }

    /**
     * @return null when the folder has none
     * @throws DamagedFileException when it is not what is written here
     */
    public static SweepRecord read(RunFolder folder) throws IOException {
        StoredJson json = StoredJson.read(folder, FILE);
        return json == null ? null : of(json);
    }

    private static SweepRecord of(StoredJson json) throws DamagedFileException {
        return new SweepRecord(
                Ending.of(json),
                new Identity(
                        json.text("version"),
                        json.text("command"),
                        json.text("train"),
                        json.text("metric"),
                        json.count("trials"),
                        json.text("started")),
                new Place(json.text("spark_master"), json.text("spark_application_id"), json.count("slots")),
                new Best(json.text("best_trial"), json.text("best_command"), json.text("best_parameters_sha256")),
                json.number("trial_seconds"));
    }

    public void write(RunFolder folder) throws IOException {
        folder.write(FILE, StoredJson.file(facts()));
    }

    /** The fields of the file that have values, and {@code exit_code}, in the file's order. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("version", identity.version());
        facts.put("command", identity.command());
        facts.put("train", identity.train());
        facts.put("metric", identity.metric());
        facts.put("trials", identity.trials());
        facts.put("started", identity.started());
        facts.put("spark_master", place.sparkMaster());
        facts.put("spark_application_id", place.sparkApplicationId());
        facts.put("slots", place.slots());
        facts.put("best_trial", best.trial());
        facts.put("best_command", best.command());
        facts.put("best_parameters_sha256", best.parametersSha256());
        facts.put("trial_seconds", trialSeconds);
        return ending.around(facts);
    }
}
