package dev.lockstep.worker.picture;

/** The bits of a scan, in which 0xff stands for itself only before a 0, and otherwise begins a marker, where the bits end. */
final class JpegBits {
    private final byte[] bytes;
    private int at;
    private long buffer;
    private int count;

    JpegBits(byte[] bytes, int from) {
        this.bytes = bytes;
        this.at = from;
    }

    /** Where the next marker is to be looked for: none has been passed over. */
    int position() {
        return at;
    }

    private void fill() {
        while (count <= Long.SIZE - 2 * Byte.SIZE && at < bytes.length) {
            int next = bytes[at] & 0xff;
            if (next == 0xff) {
                if (at + 1 >= bytes.length || bytes[at + 1] != 0) {
                    return;
                }
                at++;
            }
            at++;
            buffer = buffer << 8 | next;
            count += 8;
        }
    }

    /** The next bits as a number. */
    int bits(int n) {
        if (count < n) {
            fill();
        }
        skip(n);
        return (int) (buffer >>> count) & (1 << n) - 1;
    }

    boolean bit() {
        return bits(1) != 0;
    }

    /** A number of n bits, in which those that begin with 0 are negative (T.81, F.2.2.1). */
    int signed(int n) {
        if (n == 0) {
            return 0;
        }
        int value = bits(n);
        return value < 1 << (n - 1) ? value - (1 << n) + 1 : value;
    }

    int symbol(HuffmanTable table) {
        if (count < HuffmanTable.LONGEST) {
            fill();
        }
        int missing = HuffmanTable.LONGEST - count;
        int next = (int) (missing > 0 ? buffer << missing : buffer >>> -missing) & 0xffff;
        int found = table.lookup()[next >>> (HuffmanTable.LONGEST - HuffmanTable.LOOKED_UP)];
        if (found != 0) {
            skip(found >>> 8);
            return found & 0xff;
        }
        for (int length = HuffmanTable.LOOKED_UP + 1; length <= HuffmanTable.LONGEST; length++) {
            int code = next >>> (HuffmanTable.LONGEST - length);
            if (code <= table.largest()[length]) {
                skip(length);
                return table.symbols()[table.offset()[length] + code] & 0xff;
            }
        }
        throw count < HuffmanTable.LONGEST ? ended() : damaged("expected a code of the Huffman table, found none");
    }

    private void skip(int n) {
        if (n > count) {
            throw ended();
        }
        count -= n;
    }

    private BadPicture ended() {
        return at >= bytes.length - 1
                ? BadPicture.cutShort("all of its pixels", bytes.length)
                : damaged("expected more pixels before the marker");
    }

    BadPicture damaged(String what) {
        return new BadPicture("its packed pixels are damaged near byte %,d: %s", at, what);
    }

    /** Goes behind the marker that tells of a new start; any bits before it are dropped. */
    void restart(int number) {
        count = 0;
        while (at < bytes.length - 1 && (bytes[at] != (byte) 0xff || bytes[at + 1] == 0 || bytes[at + 1] == -1)) {
            at++;
        }
        if (at >= bytes.length - 1) {
            throw ended();
        }
        int found = bytes[at + 1] & 0xff;
        if (found != 0xd0 + number) {
            throw damaged(String.format("expected restart marker %d, found marker 0x%02x", number, found));
        }
        at += 2;
    }
}
