package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertLayersRefused;
import static dev.lockstep.driver.config.Configurations.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Words of Keras and PyTorch are answered with ours; a nearest word is a near one. */
class VocabularyTest {

    @ParameterizedTest
    @CsvSource({
        "optimizer.lr, optimizer.learning-rate",
        "lr, optimizer.learning-rate",
        "train.lr, optimizer.learning-rate",
        "weight-decay, regularization.l2",
        "optimizer.weight_decay, regularization.l2",
        "lr-schedule, optimizer.schedule.type",
        "lr_scheduler, optimizer.schedule.type",
        "warmup_steps, optimizer.schedule.warm-up",
        "max_grad_norm, optimizer.clip-norm",
        "optimizer.eps, optimizer.epsilon",
        "train.num_epochs, train.epochs",
        "max-steps, train.iterations",
        "num_workers, train.tasks",
        "validation_split, data.validation-fraction",
        "dataset, data.path",
        "num_classes, network.classes",
        "input_shape, network.input",
        "kernel_initializer, network.weight-init",
        "random_state, seed",
    })
    void aKeyOfOthersIsAnsweredWithOurs(String theirs, String ours) {
        assertRefused(theirs + " = 1").hasMessageContaining(theirs + ": unknown key; here it is " + ours + " (");
    }

    @ParameterizedTest
    @CsvSource({
        "'type = convolution, filters = 2, kernel = 3, kernel_size = 3', kernel_size, kernel",
        "'type = convolution, filters = 2, kernel = 3, out_channels = 3', out_channels, filters",
        "'type = convolution, filters = 2, kernel = 3, strides = 3', strides, stride",
        "'type = dense, units = 2, out_features = 3', out_features, units",
        "'type = dense, units = 2, kernel-initializer = he', kernel-initializer, weight-init",
        "'type = max-pool, pool_size = 3', pool_size, kernel",
        "'type = dropout, p = 0.1', p, ratio",
        "'type = dropout, rate = 0.1', rate, ratio",
        "'type = batch-norm, momentum = 0.1', momentum, decay",
        "'type = batch-norm, eps = 0.1', eps, epsilon",
        "'type = activation, activation = relu', activation, function",
    })
    void soIsAnAttributeOfALayer(String layer, String theirs, String ours) {
        assertLayersRefused("[1, 8, 8]", "{ " + layer + " }", "{ type = output }")
                .hasMessageContaining(
                        "network.layers[0]." + theirs + ": unknown key; here it is network.layers[0]." + ours + " (");
    }

    @ParameterizedTest
    @CsvSource({
        "conv2d, convolution",
        "Conv2D, convolution",
        "linear, dense",
        "fc, dense",
        "MaxPool2d, max-pool",
        "GlobalAveragePooling2D, global-average-pool",
        "BatchNorm2d, batch-norm",
        "batchnorm, batch-norm",
        "LRN, local-response-norm",
        "relu, 'activation, with function = relu'",
    })
    void soIsATypeOfLayer(String theirs, String ours) {
        assertLayersRefused("[9]", "{ type = " + theirs + " }", "{ type = output }")
                .hasMessageContaining("found \"" + theirs + "\"; here it is " + ours + " (");
    }

    @Test
    void aLayerThatThereIsNotIsSaidNotToBeThere() {
        assertLayersRefused("[9]", "{ type = conv3d, units = 3 }", "{ type = output }")
                .hasMessageContaining("found \"conv3d\"; there is no such layer yet (");
    }

    @Test
    void soAreOtherValues() {
        assertRefused("optimizer.name = Adam").hasMessageContaining("found \"Adam\"; here it is adam (");
        assertRefused("optimizer.name = amsgrad").hasMessageContaining("; here it is adam (");
        assertRefused("optimizer.name = rms").hasMessageContaining("expected one of sgd, ");
        assertRefused("optimizer.name = adem").hasMessageContaining("found \"adem\"; is it adam? (");
        assertRefused("optimizer.schedule.type = CosineAnnealingLR").hasMessageContaining("; here it is cosine (");
        assertRefused("network.weight-init = kaiming_normal").hasMessageContaining("; here it is he (");
        assertRefused("train.exchange = ddp").hasMessageContaining("; here it is gang (");
        assertRefused("data.format = mnist").hasMessageContaining("; here it is idx (");
        assertLayersRefused("[9]", "{ type = dense, units = 3, activation = linear }", "{ type = output }")
                .hasMessageContaining("found \"linear\"; here it is identity (");
        assertLayersRefused("[9]", "{ type = output, loss = CrossEntropyLoss }")
                .hasMessageContaining("found \"CrossEntropyLoss\"; here it is cross-entropy (");
        assertLayersRefused("[9]", "{ type = output, loss = mse }")
                .hasMessageContaining("; here it is squared-error (");
        assertLayersRefused("[9]", "{ type = output, loss = SmoothL1Loss }")
                .hasMessageContaining("; here it is huber (");
    }

    @Test
    void whatIsFarFromEveryKnownKeyIsNotAnsweredWithOne() {
        assertRefused("frobnicate = 1")
                .hasMessage(
                        "frobnicate: unknown key; known are name, seed, data, network, train, optimizer, regularization"
                                + " (String: 2)");
        assertRefused("regularization.dropconnect = 1")
                .hasMessage("regularization.dropconnect: unknown key; known are l1, l2 (String: 2)");
        assertLayersRefused("[9]", "{ type = dense, units = 3, use_bias = false }", "{ type = output }")
                .hasMessageContaining(
                        "use_bias: unknown key; known are frozen, fresh, learning-rate-scale, type, units,"
                                + " activation, weight-init (");
        assertRefused("optimizer { name = quantum }")
                .hasMessageNotContaining("; is it")
                .hasMessageNotContaining("; here");
    }

    @Test
    void aKeyInTheWrongSectionIsFound() {
        assertRefused("batch-size = 3").hasMessageContaining("the nearest known one is train.batch-size (");
        assertRefused("train.learning_rate = 3")
                .hasMessageContaining("the nearest known one is optimizer.learning-rate (");
    }

    @Test
    void aSlipIsSmallerInAShorterWord() {
        assertThat(Vocabulary.nearest("sed", List.of("seed"))).isEqualTo(Optional.of("seed"));
        assertThat(Vocabulary.nearest("p", List.of("n", "k"))).isEmpty();
        assertThat(Vocabulary.nearest("rate", List.of("ratio"))).isEmpty();
        assertThat(Vocabulary.nearest("trian.epochs", List.of("name", "train.epochs")))
                .isEqualTo(Optional.of("train.epochs"));
        assertThat(Vocabulary.nearest("train.depth", List.of("train.epochs"))).isEmpty();
    }

    /** A word that we give must be one that we know. */
    @Test
    void everyAnswerIsAWordOfTheDocumentation() throws IOException {
        String documentation = Files.readString(Path.of("../docs/configuration.md"));
        assertThat(Stream.concat(Vocabulary.KEYS.ours().stream(), Vocabulary.VALUES.ours().stream())
                        .filter(word -> !documentation.contains("`" + word + "`"))
                        .filter(key -> !key.startsWith("optimizer.schedule.")
                                        && !key.startsWith("train.early-stopping.")
                                || !documentation.contains("| `" + key.substring(key.lastIndexOf('.') + 1) + "` |")))
                .isEmpty();
    }
}
