package dev.lockstep.worker.picture;

import java.util.List;

/** The pixels of a JPEG: components brought to the picture's size and to red, green and blue. Not for several threads. */
final class JpegPixels implements Pixels {

    /** What the components are. CMYK is inverted: 255 is no ink. */
    enum Colouring {
        GREY,
        RGB,
        YCC,
        CMYK,
        YCCK
    }

    /** ITU-R BT.601 for values of 0 to 255 (JFIF 1.02), in 65,536ths. */
    private static final int RED_CR = 91_881;

    private static final int GREEN_CB = 22_554;
    private static final int GREEN_CR = 46_802;
    private static final int BLUE_CB = 116_130;
    private static final int HALF = 1 << 15;

    private final JpegFrame frame;
    private final Colouring colouring;
    private final byte[][] rows;

    JpegPixels(JpegFrame frame, Colouring colouring) {
        this.frame = frame;
        this.colouring = colouring;
        this.rows = new byte[frame.components().size()][frame.unitsAcross() * frame.across() * 8];
    }

    @Override
    public int width() {
        return frame.width();
    }

    @Override
    public int height() {
        return frame.height();
    }

    @Override
    public int channels() {
        return colouring == Colouring.GREY ? 1 : 3;
    }

    @Override
    public void row(int y, byte[] into) {
        List<JpegComponent> components = frame.components();
        for (int i = 0; i < rows.length; i++) {
            JpegComponent component = components.get(i);
            JpegUpsampling.row(component, frame.across() / component.across, frame.down() / component.down, y, rows[i]);
        }
        for (int x = 0; x < frame.width(); x++) {
            int first = rows[0][x] & 0xff;
            if (colouring == Colouring.GREY) {
                into[x] = (byte) first;
                continue;
            }
            int red = first;
            int green = rows[1][x] & 0xff;
            int blue = rows[2][x] & 0xff;
            if (colouring == Colouring.YCC || colouring == Colouring.YCCK) {
                int cb = green - 128;
                int cr = blue - 128;
                red = within(first + ((RED_CR * cr + HALF) >> 16));
                green = within(first + ((-GREEN_CB * cb - GREEN_CR * cr + HALF) >> 16));
                blue = within(first + ((BLUE_CB * cb + HALF) >> 16));
            }
            if (colouring == Colouring.YCCK) {
                red = 255 - red;
                green = 255 - green;
                blue = 255 - blue;
            }
            int light = rows.length == 4 ? rows[3][x] & 0xff : 255;
            into[3 * x] = Blend.onBlack(red, light);
            into[3 * x + 1] = Blend.onBlack(green, light);
            into[3 * x + 2] = Blend.onBlack(blue, light);
        }
    }

    private static int within(int value) {
        return Math.max(0, Math.min(255, value));
    }
}
