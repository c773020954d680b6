package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.augment.Augmentation;
import org.junit.jupiter.api.Test;

/** {@code data.augment}. */
class AugmentationConfigTest {

    @Test
    void defaults() {
        assertThat(Configurations.of().network().augmentations()).isEmpty();
        assertThat(Configurations.of("""
                        data.augment = [
                          { type = random-crop }, { type = horizontal-flip }, { type = rotation }, { type = contrast }
                          { type = brightness }, { type = erasing }, { type = mix-up }
                        ]""").network().augmentations())
                .containsExactly(
                        new Augmentation.RandomCrop(4),
                        new Augmentation.HorizontalFlip(0.5),
                        new Augmentation.Rotation(15),
                        new Augmentation.Contrast(0.2),
                        new Augmentation.Brightness(0.2),
                        new Augmentation.Erasing(0.5, 0.5),
                        new Augmentation.MixUp(0.4));
    }

    @Test
    void fullMapping() {
        RunConfig config = Configurations.of("""
                data.augment = [
                  { type = erasing, probability = 1, side = 0.25 }, { type = random-crop, padding = 2 }
                  { type = rotation, degrees = 180 }, { type = mix-up, alpha = 1 }
                ]""");
        assertThat(config.network().augmentations())
                .containsExactly(
                        new Augmentation.Erasing(1, 0.25),
                        new Augmentation.RandomCrop(2),
                        new Augmentation.Rotation(180),
                        new Augmentation.MixUp(1));
        assertThat(RunConfigParser.parse(config.resolved())).isEqualTo(config);
    }

    @Test
    void validation() {
        assertRefused("data.augment = [{ padding = 3 }]").hasMessageContaining("data.augment[0]: has no type");
        assertRefused("data.augment = [{ type = crop }]")
                .hasMessageContaining("data.augment[0].type: expected one of random-crop, horizontal-flip");
        assertRefused("data.augment = [{ type = mix-up, alpha = 3 }]")
                .hasMessageContaining("data.augment[0].alpha: expected a number above 0 and at most 2, found 3");
        assertRefused("data.augment = [{ type = mix-up, padding = 3 }]")
                .hasMessageContaining("data.augment[0].padding: unknown key");
        assertRefused("network.input = [784]", "data.augment = [{ type = mix-up }, { type = rotation }]")
                .hasMessageContaining("data.augment[1].type: rotation needs images; network.input is a vector");
    }
}
