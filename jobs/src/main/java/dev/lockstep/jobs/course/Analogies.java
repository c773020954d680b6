package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.run.LearntVectors;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord.Status;
import dev.lockstep.driver.sweep.TrialResult;
import dev.lockstep.driver.sweep.TrialScheduler;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.text.TextVocabulary;
import dev.lockstep.worker.text.WordVectors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What the vectors of words are asked, if anything: as one word is to another of its row, so is one of another row to which?
 *
 * @param table the same relations in each row; empty for nothing
 */
record Analogies(List<List<String>> table) {
    static final Analogies NONE = new Analogies(List.of());

    private static final String KEY = "analogies";

    /** Of an exercise's file: a row a text, its words apart by blanks. */
    static Analogies of(Config file) {
        List<List<String>> table = file.hasPath(KEY)
                ? file.getStringList(KEY).stream()
                        .map(row -> Arrays.asList(row.strip().split("\\s+")))
                        .toList()
                : List.of();
        boolean even = table.stream().allMatch(row -> row.size() == table.get(0).size());
        if (!table.isEmpty() && (table.size() < 2 || table.get(0).size() < 2 || !even)) {
            throw new ConfigurationException(KEY + ": expected two rows or more, each of as many words, two or more");
        }
        return new Analogies(table);
    }

    /** The share that comes out, of each trial that finished. */
    List<Passage> passages(RunFolder exercise, List<TrialResult> trials) throws IOException {
        if (table.isEmpty()) {
            return List.of();
        }
        StringBuilder text = new StringBuilder();
        for (TrialResult ended : trials) {
            if (ended.status() == Status.FINISHED) {
                RunFolder folder = TrialScheduler.folder(exercise, ended.trial());
                WordVectors vectors =
                        LearntVectors.of(ModelFile.read(folder), ended.trial().name());
                double share = vectors.analogies(numbers(vectors.vocabulary()));
                text.append(String.format(
                        Locale.ROOT, "%-28s %s right%n", ended.trial().name(), Numbers.percent(share)));
            }
        }
        int rows = table.size();
        int columns = table.get(0).size();
        String heading = "Analogies: " + Numbers.whole((long) rows * (rows - 1) * columns * (columns - 1))
                + ", such as " + table.get(0).get(1) + " - " + table.get(0).get(0) + " + "
                + table.get(1).get(0) + " = " + table.get(1).get(1);
        return List.of(new Passage(heading, text.toString()));
    }

    private List<List<Integer>> numbers(TextVocabulary vocabulary) {
        List<List<Integer>> rows = new ArrayList<>();
        for (List<String> row : table) {
            rows.add(row.stream().map(word -> number(vocabulary, word)).toList());
        }
        return rows;
    }

    private static int number(TextVocabulary vocabulary, String word) {
        int[] numbers = vocabulary.numbers(word);
        if (numbers.length != 1 || numbers[0] == TextVocabulary.UNKNOWN) {
            throw new ConfigurationException(KEY + ": '" + word + "' is no word of the text");
        }
        return numbers[0];
    }
}
