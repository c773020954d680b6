package dev.lockstep.driver.run;

import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.evaluate.LayerValues;
import dev.lockstep.driver.evaluate.Spread;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.model.NetworkSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * Looks into the layers of a network while it learns, with the first training examples, and puts down what it sees in
 * {@code histograms.jsonl}. It computes on the driver with a network of its own: what is trained stays as it is.
 */
final class HistogramLog implements LoopListener, AutoCloseable {
    /** Enough for a picture, and quickly computed. */
    private static final int EXAMPLES = 100;

    private final Every every;
    private final long stepsPerEpoch;
    private final LayerValues.Probe probe;
    private final LineFile file;
    private long seen = -1;

    /**
     * Of a run, new or to go on with.
     *
     * @param network as it is trained, of the examples' format
     * @param every how often
     * @param stepsPerEpoch of the run
     * @param fromStep lines of steps after this many done are dropped: they will be run again
     */
    HistogramLog(
            NetworkSpec network, ExampleSet train, RunFolder folder, Every every, long stepsPerEpoch, long fromStep)
            throws IOException {
        this.every = every;
        this.stepsPerEpoch = stepsPerEpoch;
        this.probe = new LayerValues.Probe(network, train.firstPacked(Math.min(EXAMPLES, train.size())));
        this.file = new LineFile(folder, HistogramLine.FILE, json -> keeps(HistogramLine.of(json), fromStep));
    }

    private boolean keeps(HistogramLine line, long fromStep) {
        boolean kept = line.step() <= fromStep;
        seen = kept ? Math.max(seen, line.step()) : seen;
        return kept;
    }

    /** Looks at the state that training begins with, where nobody has. */
    void begin(TrainingState state) {
        if (seen < 0) {
            look(state);
        }
    }

    @Override
    public long nextRest(long stepsDone) {
        return every.next(stepsDone, stepsPerEpoch);
    }

    @Override
    public TrainingState rests(TrainingState state, long before, boolean last) {
        if (last || isDue(state)) {
            look(state);
        }
        return state;
    }

    /** Whoever goes on from here finds the lines up to here. */
    @Override
    public void checkpoint(TrainingState state) {
        if (isDue(state)) {
            look(state);
        }
        try {
            file.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isDue(TrainingState state) {
        return every.isDue(Math.max(0, seen), state.step(), stepsPerEpoch);
    }

    private void look(TrainingState state) {
        if (state.step() <= seen) {
            return;
        }
        LayerValues values = probe.of(state.parameters());
        try {
            write(state.step(), HistogramLine.WEIGHTS, values.weights());
            write(state.step(), HistogramLine.ACTIVATIONS, values.activations());
            write(state.step(), HistogramLine.GRADIENTS, values.gradients());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        seen = state.step();
    }

    private void write(long step, String what, Map<String, float[]> layers) throws IOException {
        for (Map.Entry<String, float[]> layer : layers.entrySet()) {
            file.write(new HistogramLine(step, layer.getKey(), what, Spread.of(layer.getValue())).json());
        }
    }

    @Override
    public void close() throws IOException {
        probe.close();
        file.close();
    }
}
