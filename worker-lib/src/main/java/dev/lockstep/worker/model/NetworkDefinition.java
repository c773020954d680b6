package dev.lockstep.worker.model;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.model.objective.Metrics;
import dev.lockstep.worker.model.objective.Objective;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All that a task needs to build a network. A value: equal definitions build networks that compute the same. */
public interface NetworkDefinition extends Serializable {

    /** The shape of one example. */
    Shape input();

    /** The length of the network's output. */
    int classes();

    /** What it is trained for. */
    Objective objective();

    /** What its examples are. */
    ExampleFormat format();

    /** How large the averaged gradient may be. */
    default Clipping clipping() {
        return Clipping.NONE;
    }

    /** How much the examples of each class count while it learns, {@code [classes]}, above 0; empty when all count the same. */
    default List<Double> classWeights() {
        return List.of();
    }

    /** What the gradient of a batch is the mean over. */
    default AverageOver averageOver() {
        return AverageOver.EXAMPLES;
    }

    /** Whether not all examples count the same while it learns; where tokens are counted, long sequences count more. */
    default boolean isWeighted() {
        return format().weighted() || !classWeights().isEmpty() || averageOver() == AverageOver.TOKENS;
    }

    /** The layers that stay as they start, by the names that DL4J has for them. */
    default Set<String> frozen() {
        return Set.of();
    }

    /** The layers whose weights stay 0 where they are, by the names that DL4J has for them. */
    default Set<String> sparse() {
        return Set.of();
    }

    /** Of what is read as whole numbers from 0, how many there are; 0 of a network that reads numbers of any kind. */
    default int tokens() {
        return 0;
    }

    /** What is done to examples before the network learns from them. */
    default List<Augmentation> augmentations() {
        return List.of();
    }

    /** Whose outputs it learns from, beside the classes; null when from nobody's. */
    default Distillation distillation() {
        return null;
    }

    /** What it learns of its actions, in the place of its output's loss; null when it learns from examples of others. */
    default Reinforcement reinforcement() {
        return null;
    }

    /** How it learns from some of its outputs alone; null when from all. */
    default Negatives negatives() {
        return null;
    }

    /** What is looked at in every step, beside the loss. */
    default Metrics whileLearning() {
        return reinforcement() == null && negatives() == null
                ? objective().whileLearning(classes(), format().target().everyStep())
                : new Metrics(List.of());
    }

    /** The shares that layers drop of their states within the steps, by the names that DL4J has for them. */
    default Map<String, Double> recurrentDropout() {
        return Map.of();
    }

    /** The values of all states that go from one batch to the next. */
    default int carriedValues() {
        return 0;
    }

    /** How sequences are fed to it. */
    default Feeding feeding() {
        return Feeding.USUAL;
    }
}
