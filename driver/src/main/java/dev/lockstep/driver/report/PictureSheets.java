package dev.lockstep.driver.report;

import dev.lockstep.driver.evaluate.PictureSheet;
import dev.lockstep.driver.evaluate.PictureSheet.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What there is to look at of a network that is given images.
 *
 * @param types of the layers, by name; of those that are known
 */
record PictureSheets(List<PictureSheet> sheets, Map<String, String> types) {

    Html html() throws IOException {
        Html html = new Html();
        section(
                html,
                "What the convolutions look for",
                "The filters of the first convolution, and what the first convolutions make of the first training example."
                        + " Of filters, grey is 0, black and white are the largest weights; of the rest, black is the lowest"
                        + " value and white the highest.",
                List.of(Kind.FILTERS, Kind.EXAMPLE, Kind.FEATURE_MAPS));
        section(
                html,
                "What augmentation makes of examples",
                "Training examples as they are, and as the network was given them.",
                List.of(Kind.AUGMENTED));
        return html;
    }

    private void section(Html html, String heading, String text, List<Kind> kinds) throws IOException {
        List<PictureSheet> shown =
                sheets.stream().filter(sheet -> kinds.contains(sheet.kind())).toList();
        if (shown.isEmpty()) {
            return;
        }
        html.open("section").element("h2", heading).element("p", text);
        for (PictureSheet sheet : shown) {
            sheet(html, sheet);
        }
        html.close();
    }

    private void sheet(Html html, PictureSheet sheet) throws IOException {
        int[] one = Arrays.copyOfRange(sheet.shape(), 1, sheet.shape().length);
        int size = sheet.values().length / sheet.shape()[0];
        html.open("figure", "class", "sheet").element("figcaption", caption(sheet));
        html.open("div", "role", "img", "aria-label", caption(sheet));
        for (int i = 0; i < sheet.shape()[0]; i++) {
            String address = Picture.address(one, Arrays.copyOfRange(sheet.values(), i * size, (i + 1) * size));
            boolean original = sheet.kind() == Kind.AUGMENTED && i == 0;
            html.empty("img", "src", address, "alt", "", "class", original ? "original" : null);
        }
        html.close().close();
    }

    private String caption(PictureSheet sheet) {
        String range = Numbers.brief(sheet.low(), 3) + " to " + Numbers.brief(sheet.high(), 3);
        String layer = LayerCharts.title(sheet.of(), types);
        return switch (sheet.kind()) {
            case FILTERS -> layer + ": filters, " + range;
            case EXAMPLE -> "The example";
            case FEATURE_MAPS -> layer + ": what comes out, " + range;
            case AUGMENTED -> "Example " + sheet.of() + ", and " + (sheet.shape()[0] - 1) + " draws";
        };
    }
}
