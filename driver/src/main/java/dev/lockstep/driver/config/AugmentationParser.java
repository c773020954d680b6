package dev.lockstep.driver.config;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.model.Shape;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code data.augment}. */
final class AugmentationParser {
    private enum AugmentationType {
        RANDOM_CROP,
        HORIZONTAL_FLIP,
        ROTATION,
        CONTRAST,
        BRIGHTNESS,
        ERASING,
        MIX_UP
    }

    private final ConfigSection root;

    AugmentationParser(ConfigSection root) {
        this.root = root;
    }

    /** @param input the shape of one example; null when it has problems */
    List<Augmentation> parse(Shape input) {
        List<Augmentation> augmentations = new ArrayList<>();
        for (ConfigSection section : root.sections("data.augment")) {
            AugmentationType type = section.choice("type", null, AugmentationType.class);
            if (type == null) {
                if (!section.has("type")) {
                    section.problem("", "has no type; expected for example { type = horizontal-flip }");
                }
                continue; // which keys are known depends on the type
            }
            Augmentation augmentation = augmentation(type, section);
            section.close();
            if (augmentation.needsImage() && input != null && !input.isImage()) {
                section.problem("type", ConfigSection.name(type) + " needs images; network.input is a vector");
            }
            augmentations.add(augmentation);
        }
        return augmentations;
    }

    private static Augmentation augmentation(AugmentationType type, ConfigSection section) {
        return switch (type) {
            case RANDOM_CROP -> new Augmentation.RandomCrop(section.integer("padding", 4, 1, 1024));
            case HORIZONTAL_FLIP -> new Augmentation.HorizontalFlip(share(section, "probability", 0.5));
            case ROTATION -> new Augmentation.Rotation(section.upTo("degrees", 15, 180));
            case CONTRAST -> new Augmentation.Contrast(share(section, "amount", 0.2));
            case BRIGHTNESS -> new Augmentation.Brightness(share(section, "amount", 0.2));
            case ERASING -> new Augmentation.Erasing(share(section, "probability", 0.5), share(section, "side", 0.5));
            case MIX_UP -> new Augmentation.MixUp(section.upTo("alpha", 0.4, 2));
        };
    }

    private static double share(ConfigSection section, String key, double fallback) {
        return section.upTo(key, fallback, 1);
    }
}
