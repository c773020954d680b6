package dev.lockstep.driver.run;

import dev.lockstep.driver.evaluate.PictureSheet;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code pictures.json}: what there is to look at of a trained network that is given images. */
public final class PicturesFile {
    public static final String FILE = "pictures.json";

    private PicturesFile() {}

    private record Stored(List<PictureSheet> sheets) {}

    static void write(RunFolder folder, List<PictureSheet> sheets) throws IOException {
        folder.write(FILE, StoredJson.line(Map.of("sheets", sheets)) + "\n");
    }

    /**
     * @return none when the folder has none
     * @throws DamagedFileException when it is not what a run leaves
     */
    public static List<PictureSheet> read(RunFolder folder) throws IOException {
        StoredJson json = StoredJson.read(folder, FILE);
        if (json == null) {
            return List.of();
        }
        List<PictureSheet> sheets = json.as(Stored.class).sheets();
        if (sheets == null || sheets.stream().anyMatch(sheet -> sheet == null || sheet.kind() == null)) {
            throw json.damaged("sheets: expected a list of pictures, each of a kind");
        }
        return sheets;
    }
}
