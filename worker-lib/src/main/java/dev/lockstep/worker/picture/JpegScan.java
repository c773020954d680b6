package dev.lockstep.worker.picture;

import java.util.Arrays;
import java.util.List;

/**
 * One scan of a JPEG: all of some components' blocks (T.81, annex F), or, of a progressive one, some of their coefficients
 * or a binary place more of them (annex G).
 */
final class JpegScan {
    private static final int LAST = 63;
    private static final int RUN = 15;
    private static final int MOST_PLACES = 13;

    /** A component, with the tables that this scan of it uses; null where there is none. */
    record Part(JpegComponent component, HuffmanTable dc, HuffmanTable ac) {}

    /**
     * The coefficients that a scan tells of, in zigzag order, and how many of their lowest binary places were missing before
     * it and are after it; for {@code before} 0 there was nothing before.
     */
    record Share(int first, int last, int before, int after) {
        static final Share ALL = new Share(0, LAST, 0, 0);

        /** Of a progressive picture. */
        static Share of(int first, int last, int before, int after, int components) {
            boolean known = first == 0 ? last == 0 : first <= last && last <= LAST && components == 1;
            if (!known || after > MOST_PLACES || before > 0 && after != before - 1) {
                throw new BadPicture(
                        "a scan of %d components tells of coefficients %d to %d, from place %d to %d, which none may",
                        components, first, last, before, after);
            }
            return new Share(first, last, before, after);
        }

        boolean refines() {
            return before > 0;
        }
    }

    private final JpegFrame frame;
    private final List<Part> parts;
    private final Share share;
    private final int restartInterval;
    private final JpegBits bits;

    private final InverseDct dct = new InverseDct();
    private final int[] block = new int[JpegComponent.BLOCK];
    private final int[] predicted;
    /** So many blocks have no more coefficients. */
    private int ended;

    JpegScan(JpegFrame frame, List<Part> parts, Share share, int restartInterval, JpegBits bits) {
        this.frame = frame;
        this.parts = parts;
        this.share = share;
        this.restartInterval = restartInterval;
        this.bits = bits;
        this.predicted = new int[parts.size()];
        for (Part part : parts) {
            part.component.tell(share.first, share.last, share.before, share.after);
            boolean needsDc = share.first == 0 && !share.refines();
            boolean needsAc = share.last > 0;
            if (needsDc && part.dc == null || needsAc && part.ac == null) {
                throw new BadPicture("a scan uses a Huffman table that it does not have");
            }
        }
    }

    void read() {
        boolean alone = parts.size() == 1;
        JpegComponent only = parts.get(0).component;
        int columns = alone ? only.columns : frame.unitsAcross();
        int units = columns * (alone ? only.rows : frame.unitsDown());
        for (int unit = 0; unit < units; unit++) {
            if (restartInterval > 0 && unit > 0 && unit % restartInterval == 0) {
                bits.restart((unit / restartInterval - 1) % 8);
                Arrays.fill(predicted, 0);
                ended = 0;
            }
            int row = unit / columns;
            int column = unit % columns;
            if (alone) {
                block(0, row, column);
                continue;
            }
            for (int part = 0; part < parts.size(); part++) {
                JpegComponent component = parts.get(part).component;
                for (int i = 0; i < component.down; i++) {
                    for (int j = 0; j < component.across; j++) {
                        block(part, row * component.down + i, column * component.across + j);
                    }
                }
            }
        }
    }

    private void block(int part, int row, int column) {
        JpegComponent component = parts.get(part).component;
        if (!frame.progressive()) {
            whole(part, component.quantisation);
            dct.transform(block, component.samples, component.samplesOf(row, column), component.stride);
            return;
        }
        int at = component.coefficientsOf(row, column);
        if (share.first == 0) {
            if (!share.refines()) {
                component.coefficients[at] = (short) (dc(part) << share.after);
            } else if (bits.bit()) {
                component.coefficients[at] |= (short) (1 << share.after);
            }
        } else if (share.refines()) {
            refine(parts.get(part).ac, component.coefficients, at);
        } else {
            begin(parts.get(part).ac, component.coefficients, at);
        }
    }

    private int dc(int part) {
        int size = bits.symbol(parts.get(part).dc);
        if (size > RUN) {
            throw bits.damaged("expected a difference of at most 15 bits, found one of " + size);
        }
        predicted[part] += bits.signed(size);
        return predicted[part];
    }

    private void whole(int part, int[] quantisation) {
        Arrays.fill(block, 0);
        block[0] = dc(part) * quantisation[0];
        HuffmanTable table = parts.get(part).ac;
        for (int k = 1; k <= LAST; k++) {
            int symbol = bits.symbol(table);
            int size = symbol & 15;
            int zeros = symbol >> 4;
            if (size == 0 && zeros < RUN) {
                return;
            }
            k += zeros;
            if (size > 0) {
                int natural = HuffmanTable.NATURAL[inBlock(k)];
                block[natural] = bits.signed(size) * quantisation[natural];
            }
        }
    }

    private int inBlock(int k) {
        if (k > share.last) {
            throw bits.damaged("expected coefficients up to " + share.last + ", found " + k);
        }
        return k;
    }

    private void begin(HuffmanTable table, short[] coefficients, int at) {
        if (ended > 0) {
            ended--;
            return;
        }
        for (int k = share.first; k <= share.last; k++) {
            int symbol = bits.symbol(table);
            int size = symbol & 15;
            int zeros = symbol >> 4;
            if (size == 0 && zeros < RUN) {
                ended = (1 << zeros) + bits.bits(zeros) - 1;
                return;
            }
            k += zeros;
            if (size > 0) {
                coefficients[at + HuffmanTable.NATURAL[inBlock(k)]] = (short) (bits.signed(size) << share.after);
            }
        }
    }

    /** A bit for each coefficient that is not 0, and where new ones begin. */
    private void refine(HuffmanTable table, short[] coefficients, int at) {
        int k = share.first;
        while (ended == 0 && k <= share.last) {
            int symbol = bits.symbol(table);
            int size = symbol & 15;
            int zeros = symbol >> 4;
            if (size == 0 && zeros < RUN) {
                ended = (1 << zeros) + bits.bits(zeros);
                break;
            }
            int added = size == 0 ? 0 : bits.bit() ? 1 << share.after : -1 << share.after;
            k = refine(coefficients, at, k, zeros);
            if (size > 0) {
                coefficients[at + HuffmanTable.NATURAL[inBlock(k)]] = (short) added;
            }
            k++;
        }
        if (ended > 0) {
            refine(coefficients, at, k, LAST + 1);
            ended--;
        }
    }

    /** Goes past so many zeros, to the next one or behind the last; what is not 0 on the way gets its bit. */
    private int refine(short[] coefficients, int at, int from, int zeros) {
        int left = zeros;
        for (int k = from; k <= share.last; k++) {
            int index = at + HuffmanTable.NATURAL[k];
            int value = coefficients[index];
            if (value == 0) {
                if (left-- == 0) {
                    return k;
                }
            } else if (bits.bit() && (value & 1 << share.after) == 0) {
                coefficients[index] += (short) (value > 0 ? 1 << share.after : -1 << share.after);
            }
        }
        return share.last + 1;
    }
}
