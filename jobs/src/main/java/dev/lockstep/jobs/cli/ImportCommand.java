package dev.lockstep.jobs.cli;

import dev.lockstep.driver.keras.KerasModel;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.ModelException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "import",
        description =
                "Makes a model of Keras one of ours, for evaluate, predict, export and train.start-from; shows the"
                        + " configuration to train it with.",
        mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    @Option(
            names = "--keras",
            required = true,
            paramLabel = "FILE",
            description = "A model that Keras saved: HDF5 (.h5), or Keras 3's .keras.")
    private String keras;

    @Option(names = "--out", required = true, paramLabel = "MODEL_ZIP", description = "A model file; must not exist.")
    private String out;

    @Override
    public Integer call() throws IOException {
        NewFile file = NewFile.at("--out", out);
        KerasModel model = KerasModel.of("--keras " + keras, content());
        file.makeFolder();
        file.write(to -> ModelFile.write(model.network(), new TrainingState(0, model.parameters(), new float[0]), to));
        System.out.println(
                "# " + model.parameters().length + " parameters of Keras " + model.version() + ", from " + keras);
        System.out.print(model.configuration());
        System.out.println("train.start-from = \"" + out + "\"");
        return ExitCode.DONE;
    }

    private byte[] content() throws IOException {
        RunFolder place = RunFolder.at(keras, SparkHadoopUtil.get().newConfiguration(new SparkConf()));
        try (InputStream in = place.files().open(place.path())) {
            return in.readNBytes(LARGEST);
        } catch (FileNotFoundException e) {
            throw new ModelException("--keras " + keras + ": there is no such file", e);
        }
    }
}
