package dev.lockstep.driver.run;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.evaluate.NetworkPictures;
import dev.lockstep.driver.evaluate.PictureSheet;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Updaters;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.optimizer.Optimizer;
import dev.lockstep.worker.seed.SeedLaw;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run leaves of a model that is trained to the end: the model itself, and what its report shows of it.
 *
 * @param classNames for people; empty where nobody says
 */
record FinishedRun(RunConfig config, Dataset dataset, RunFolder folder, List<String> classNames) {
    private static final Logger LOG = LoggerFactory.getLogger(FinishedRun.class);
    /** Test examples that the report chooses some of, so long as they are small. */
    private static final long SAMPLED_ANSWERS = 2000;

    private static final long SAMPLED_BYTES = 64 << 20;

    /**
     * Writes the files.
     *
     * @param end the state that is kept
     * @param test its scores on the test split; null when there is none
     */
    RunRecord.Product write(Trainer trainer, TrainingState end, Scores test) throws IOException {
        folder.write(ModelFile.NAME, out -> ModelFile.write(config.network(), end, dataset.fitted(), out));
        if (test != null) {
            EvaluationFile.write(
                    folder,
                    end.step(),
                    config.network().objective(),
                    test,
                    classNames,
                    trainer.samplePredictions(end, sampled(dataset.test().format())),
                    dataset.test().format());
        }
        if (config.network().input().isImage()) {
            try {
                pictures(end.parameters());
            } catch (IOException | RuntimeException | OutOfMemoryError e) { // the run is finished all the same
                LOG.warn("no {}: {}", PicturesFile.FILE, ExitCode.message(e), e);
            }
        }
        return product(end, test);
    }

    private void pictures(float[] parameters) throws IOException {
        ExampleSet examples = dataset.train();
        List<PictureSheet> sheets = NetworkPictures.of(
                config.network().of(examples.format()),
                parameters,
                examples.firstPacked(Math.min(NetworkPictures.EXAMPLES, examples.size())),
                new SeedLaw(config.seed()));
        if (!sheets.isEmpty()) {
            PicturesFile.write(folder, sheets);
        }
    }

    private RunRecord.Product product(TrainingState end, Scores test) {
        Optimizer optimizer = config.network().optimizer();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("accuracy", test == null ? null : test.figures().get("accuracy"));
        figures.put("loss", test == null ? null : test.loss());
        if (test != null) {
            test.figures().forEach(figures::putIfAbsent);
        }
        return new RunRecord.Product(
                end.step(),
                figures,
                end.parametersSha256(),
                end.optimizerSha256(),
                ModelFile.needsLockstep(config.network()),
                Updaters.stockName(optimizer),
                config.schedule().isConstant() && Updaters.isStock(optimizer));
    }

    /** Each answer brings its example to the driver. */
    private static int sampled(ExampleFormat format) {
        return (int) Math.min(SAMPLED_ANSWERS, Math.max(1, SAMPLED_BYTES / format.size()));
    }
}
