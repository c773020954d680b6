package dev.lockstep.driver.checkpoint;

import dev.lockstep.driver.checkpoint.Checkpoint.Damaged;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The checkpoints of a run: folders {@code step-NNNNNNNN}, each whole or absent. One is written under a name that starts
 * with a dot and renamed when all of it is on disk.
 */
public final class CheckpointStore {
    /** The end of the name of a checkpoint while another takes its place. */
    private static final String REPLACED = ".replaced";

    private static final int KEPT = 3;
    private static final Pattern NAME = Pattern.compile("step-\\d{8,18}");

    private final FileSystem files;
    private final Path folder;
    private final Fingerprint fingerprint;

    /**
     * @param folder of any Hadoop file system; made when the first checkpoint is written
     * @param fingerprint of the run; a checkpoint of another is refused
     */
    public CheckpointStore(FileSystem files, Path folder, Fingerprint fingerprint) {
        this.files = files;
        this.folder = folder;
        this.fingerprint = fingerprint;
    }

    /**
     * Writes a checkpoint and deletes the oldest beyond the last three.
     *
     * @param run what identifies the run, for {@link #run} to tell
     */
    public void write(TrainingState state, Map<String, String> run) throws IOException {
        String name = String.format(Locale.ROOT, "step-%08d", state.step());
        Path unfinished = new Path(folder, "." + name);
        files.delete(unfinished, true);
        try {
            checkpoint(unfinished).write(state, run, fingerprint);
            Path whole = new Path(folder, name);
            Path replaced = new Path(folder, "." + name + REPLACED);
            if (files.exists(whole)) { // a folder is not renamed over another in one step
                files.delete(replaced, true);
                rename(whole, replaced);
            }
            rename(unfinished, whole);
            files.delete(replaced, true);
        } catch (IOException | RuntimeException | Error e) {
            try {
                files.delete(unfinished, true); // what it takes may be what others lack
            } catch (IOException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
        List<Checkpoint> all = list();
        for (Checkpoint old : all.subList(0, Math.max(0, all.size() - KEPT))) {
            files.delete(old.folder(), true);
        }
    }

    private void rename(Path from, Path to) throws IOException {
        if (!files.rename(from, to)) {
            throw new WriteException(to, new IOException("cannot rename " + from));
        }
    }

    /**
     * The newest checkpoint that is whole and that this run can go on from.
     *
     * @param obstacle why a run cannot go on from a state that is whole; null when it can
     * @param warnings told of each newer one that is passed over
     * @return empty when there is none at all
     * @throws ModelException when the newest whole one is of another configuration or other data (the message names the
     *     first differing key), or when there are checkpoints and none can be used
     */
    public Optional<TrainingState> newest(Function<TrainingState, String> obstacle, Consumer<String> warnings)
            throws IOException {
        List<Checkpoint> all = list();
        List<String> passedOver = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                TrainingState state = all.get(i).read(fingerprint);
                String why = obstacle.apply(state);
                if (why == null) {
                    passedOver.forEach(one -> warnings.accept(one + "; using the one before it"));
                    return Optional.of(state);
                }
                passedOver.add("checkpoint " + all.get(i).folder() + " " + why);
            } catch (Damaged e) {
                passedOver.add("checkpoint " + all.get(i).folder() + " is damaged: " + e.getMessage());
            }
        }
        if (!passedOver.isEmpty()) {
            throw new ModelException(passedOver.get(0) + ", and none of the " + all.size()
                    + " here can be used; start again with another --out");
        }
        return Optional.empty();
    }

    /** What identifies the run, as the newest whole checkpoint has it; nothing when there is none. */
    public Map<String, String> run() throws IOException {
        List<Checkpoint> all = list();
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                return all.get(i).run();
            } catch (Damaged e) {
                continue; // reading its state says so
            }
        }
        return Map.of();
    }

    /**
     * Looks at what checkpoints are of, and not at their arrays; damaged ones are passed over.
     *
     * @throws ModelException when one is of another configuration or other data; the message names the first differing key
     */
    public void refuseOther() throws IOException {
        for (Checkpoint checkpoint : list()) {
            try {
                checkpoint.refuseOther(fingerprint);
            } catch (Damaged e) {
                // whoever reads it says so
            }
        }
    }

    /** Deletes what a killed writer left behind; a checkpoint that it was about to replace is put back. */
    public void deleteUnfinished() throws IOException {
        for (FileStatus status : statuses()) {
            String name = status.getPath().getName();
            if (name.startsWith(".step-") && name.endsWith(REPLACED)) {
                Path whole = new Path(folder, name.substring(1, name.length() - REPLACED.length()));
                if (!files.exists(whole)) {
                    rename(status.getPath(), whole);
                }
            }
            if (name.startsWith(".step-")) {
                files.delete(status.getPath(), true);
            }
        }
    }

    /** Deletes the checkpoints of later steps, which a run that goes on from this one takes again. */
    public void deleteAfter(long step) throws IOException {
        for (Checkpoint checkpoint : list()) {
            if (checkpoint.step() > step) {
                files.delete(checkpoint.folder(), true);
            }
        }
    }

    /** The finished checkpoints, oldest first. */
    private List<Checkpoint> list() throws IOException {
        List<Checkpoint> found = new ArrayList<>();
        for (FileStatus status : statuses()) {
            if (NAME.matcher(status.getPath().getName()).matches()) {
                found.add(checkpoint(status.getPath()));
            }
        }
        found.sort(Comparator.comparingLong(Checkpoint::step));
        return found;
    }

    private Checkpoint checkpoint(Path place) {
        return new Checkpoint(files, place);
    }

    private FileStatus[] statuses() throws IOException {
        return files.exists(folder) ? files.listStatus(folder) : new FileStatus[0];
    }
}
