package dev.lockstep.driver.source;

/** What a data set is opened for: what the user can change when it does not fit. */
enum Use {
    TRAINING("data.path", "set data.path to", "change network.input or data.path", "change network.classes"),
    EVALUATION(
            "--data",
            "give with --data",
            "give with --data what the model is for",
            "give with --data what the model is for");

    /** Names the folder. */
    final String key;

    /** Before the name of another folder. */
    final String folder;

    final String shape;
    final String classes;

    Use(String key, String folder, String shape, String classes) {
        this.key = key;
        this.folder = folder;
        this.shape = shape;
        this.classes = classes;
    }
}
