package dev.lockstep.driver.sweep;

import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.config.ExchangeKind;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.loop.Trainer;
import java.util.Map;

/**
 * One run of several.
 *
 * @param name its folder is {@code trials/<name>}; letters, digits, dots, dashes, underscores
 * @param values what sets it apart from the others, by configuration key; for people and tables, {@code config} has it too
 */
public record Trial(String name, Map<String, String> values, RunConfig config) {

    /** The steps done when it rests after so much of its training. */
    long restingStep(Datasets datasets, Every budget) {
        return Trainer.restingStep(config, datasets.of(config), budget);
    }

    /** The slots that it computes on at once. */
    int slots(int available) {
        RunConfig.Training training = config.training();
        if (training.exchange() == ExchangeKind.LOCAL) {
            return 1;
        }
        int wanted = training.tasks() == 0 ? available : training.tasks();
        return Math.max(1, Math.min(available, Math.min(wanted, training.shards())));
    }
}
