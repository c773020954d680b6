package dev.lockstep.jobs;

import dev.lockstep.driver.config.DataFormat;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.plan.Sampling;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;

/** The first of the bundled pictures as files: {@code kind-LABEL/NUMBER.png}, whose names are in the order of the data. */
public final class BundledPictures {
    private BundledPictures() {}

    /**
     * Writes training and test pictures.
     *
     * @param train how many for training, into the folder behind it
     * @param test how many for the test, into the folder behind it
     */
    public static void write(int train, Path trainFolder, int test, Path testFolder) throws IOException {
        Dataset bundled = Dataset.open(
                new RunConfig.Data("bundled:fashion-mnist-12k", DataFormat.IDX, train, test, 0, Sampling.EPOCH, null),
                new Shape(1, 28, 28),
                new Target(Target.Kind.CLASS, 10),
                new Configuration(false));
        write(bundled.train().first(train), trainFolder);
        write(bundled.test().first(test), testFolder);
    }

    private static void write(List<Block> blocks, Path into) throws IOException {
        for (Block block : blocks) {
            for (long i = block.first(); i < block.first() + block.size(); i++) {
                byte[] packed = block.packed(i);
                BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
                image.getRaster()
                        .setDataElements(0, 0, 28, 28, Arrays.copyOfRange(packed, packed.length - 784, packed.length));
                Path file = into.resolve("kind-%d/%05d.png".formatted(ExampleFormat.classOf(packed), i));
                Files.createDirectories(file.getParent());
                ImageIO.write(image, "png", file.toFile());
            }
        }
    }
}
