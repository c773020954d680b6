package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinishedRunTest {
    @TempDir
    private Path directory;

    private RunRecord.Product written() throws IOException {
        Configuration hadoop = new Configuration(false);
        RunConfig config = RunConfigParser.parse(ConfigFactory.parseString("""
                data { format = generated, generated { rule = images, train = 20, test = 10 } }
                network { input = [1, 4, 4], classes = 4, layers = [
                  { type = convolution, filters = 2, kernel = 3 }, { type = output }] }"""));
        Dataset dataset = Dataset.open(
                config.data(), config.network().input(), config.network().target(), hadoop);
        TrainingState end = new TrainingState(3, Networks.initialParameters(config.network(), 1), new float[0]);
        RunFolder folder = RunFolder.at(directory.toString(), hadoop);
        return new FinishedRun(config, dataset, folder, List.of()).write(null, end, null);
    }

    @Test
    void leavesTheModelAndPictures() throws IOException {
        written();
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder(ModelFile.NAME, PicturesFile.FILE);
    }

    /** What is for the report alone takes nothing from a run that is finished. */
    @Test
    void isFinishedWithoutPicturesToo() throws IOException {
        Files.createDirectories(directory.resolve(PicturesFile.FILE).resolve("in the way"));
        assertThat(written().modelStep()).isEqualTo(3);
        assertThat(directory.resolve(ModelFile.NAME)).isNotEmptyFile();
    }
}
