package dev.lockstep.driver.config;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.text.TextTask;
import dev.lockstep.worker.text.TextUnit;

/** Reads how a text is read. */
final class TextParser {
    private TextParser() {}

    static RunConfig.Text text(ConfigSection root) {
        if (!root.has("data.path")) {
            root.problem("data.path", "is missing; expected a text file, or a folder of .txt files");
        }
        String testPath = root.has("data.test-path") ? root.free().text("data.test-path", null) : null;
        if (testPath != null && root.has("data.test-fraction")) {
            root.problem("data.test-fraction", "is given together with data.test-path; give one of them");
        }
        root.knows("data.test-path");
        root.knows("data.test-fraction");
        TextTask task = root.choice("data.text.task", TextTask.NEXT, TextTask.class);
        String targetPath = root.free().text("data.text.target-path", null);
        String testTargetPath = root.free().text("data.text.test-target-path", null);
        if (targetPath != null && (testPath == null) != (testTargetPath == null)) {
            root.problem(
                    "data.text.test-target-path",
                    "goes together with data.test-path where there is data.text.target-path; give both or none");
        }
        if (targetPath != null && task != TextTask.NEXT) {
            root.problem("data.text.task", "is for a text without data.text.target-path; leave one of them out");
        }
        return new RunConfig.Text(
                root.choice("data.text.unit", TextUnit.WORDS, TextUnit.class),
                task,
                root.flag("data.text.lower-case", false),
                root.integer("data.text.min-count", 1, 1, Integer.MAX_VALUE),
                root.integer("data.text.steps", 20, 1, 1_000_000),
                root.integer("data.text.stride", 0, 0, 1_000_000),
                root.flag("data.text.lines", false),
                targetPath,
                testPath,
                testTargetPath,
                testPath == null ? root.number("data.test-fraction", 0.2, Interval.FRACTION) : 0);
    }
}
