package dev.lockstep.worker.math;

/**
 * A sliding window over one channel of a batch, in batch-last memory: value (row, column, example) of a plane is at
 * {@code (row * columns + column) * batch + example}, so the values that one of the kernel's positions (a "tap") reads
 * are long runs.
 */
public record Window(WindowAxis rows, WindowAxis columns) {

    /** What happens to the runs of one tap; positions are those of the output, counted from the range's start. */
    public interface Runs {
        /** Output positions {@code [at, at + count)} read the input plane's values from {@code source} on. */
        void run(int at, int source, int count);

        /** Output positions {@code [at, at + count)} read padding. */
        void padding(int at, int count);
    }

    /** The values of one plane of the input. */
    public int inputPlane(int batch) {
        return rows.in() * columns.in() * batch;
    }

    /** The values of one plane of the output. */
    public int outputPlane(int batch) {
        return rows.out() * columns.out() * batch;
    }

    /** The number of taps. */
    public int taps() {
        return rows.kernel() * columns.kernel();
    }

    /** Walks what tap (kh, kw) reads for the output values {@code [from, to)} of a plane. */
    public void walk(int kh, int kw, int batch, int from, int to, Runs runs) {
        int rowLength = columns.out() * batch;
        int first = columns.first(kw) * batch;
        int end = Math.max(first, columns.end(kw) * batch);
        for (int row = from / rowLength; row * rowLength < to; row++) {
            int start = Math.max(from - row * rowLength, 0);
            int stop = Math.min(to - row * rowLength, rowLength);
            int at = row * rowLength - from; // of the row's position 0
            int source = rows.source(row, kh);
            int runStart = Math.min(Math.max(start, first), stop);
            int runStop = source < 0 || source >= rows.in() ? runStart : Math.max(runStart, Math.min(stop, end));
            if (runStart > start) {
                runs.padding(at + start, runStart - start);
            }
            if (runStop > runStart) {
                walkRow(source, kw, batch, at, runStart, runStop, runs);
            }
            if (stop > runStop) {
                runs.padding(at + runStop, stop - runStop);
            }
        }
    }

    private void walkRow(int row, int kw, int batch, int at, int start, int stop, Runs runs) {
        int plane = row * columns.in() * batch;
        if (columns.stride() == 1) {
            runs.run(at + start, plane + columns.source(0, kw) * batch + start, stop - start);
            return;
        }
        for (int position = start; position < stop; ) {
            int column = position / batch;
            int next = Math.min(stop, (column + 1) * batch);
            int source = plane + columns.source(column, kw) * batch + position - column * batch;
            runs.run(at + position, source, next - position);
            position = next;
        }
    }
}
