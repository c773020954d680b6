package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.evaluate.PictureSheet;
import dev.lockstep.driver.evaluate.PictureSheet.Kind;
import dev.lockstep.worker.text.TextTask;
import dev.lockstep.worker.text.TextUnit;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Words of files are in lower case. */
class StoredJsonTest {
    @TempDir
    private java.nio.file.Path directory;

    @Test
    void wordsAreWrittenInLowerCase() throws Exception {
        RunFolder folder = RunFolder.at(directory.toString(), new Configuration(false));
        PictureSheet sheet = new PictureSheet(Kind.FEATURE_MAPS, "0", 0, 1, new int[] {1, 1, 1, 1}, new byte[1]);
        PicturesFile.write(folder, List.of(sheet));
        assertThat(directory.resolve(PicturesFile.FILE))
                .hasContent("{\"sheets\":[{\"kind\":\"feature_maps\",\"of\":\"0\",\"low\":0.0,\"high\":1.0,"
                        + "\"shape\":[1,1,1,1],\"values\":\"AA==\"}]}");
        assertThat(PicturesFile.read(folder).get(0).kind()).isEqualTo(Kind.FEATURE_MAPS);
        assertThat(StoredJson.line(
                        new ModelNote.Text(TextUnit.WORDS, true, TextTask.NEIGHBOURS, 5, 1, true, false, List.of("a"))))
                .contains("\"unit\":\"words\"", "\"task\":\"neighbours\"");
    }

    /** Files of before have capitals. */
    @Test
    void wordsAreReadInAnyCase() throws Exception {
        for (String unit : List.of("CHARACTERS", "characters")) {
            ModelNote.Text text = StoredJson.of("a file", "{\"unit\":\"" + unit + "\",\"tokens\":[]}")
                    .as(ModelNote.Text.class);
            assertThat(text.unit()).isEqualTo(TextUnit.CHARACTERS);
        }
        StoredJson other = StoredJson.of("a file", "{\"unit\":\"pages\"}");
        assertThatThrownBy(() -> other.as(ModelNote.Text.class))
                .isInstanceOf(DamagedFileException.class)
                .hasMessageStartingWith("a file: is damaged: ");
    }
}
