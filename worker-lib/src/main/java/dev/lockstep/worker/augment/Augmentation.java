package dev.lockstep.worker.augment;

import dev.lockstep.worker.seed.SplitMix64;
import java.io.Serializable;
import java.util.Arrays;

/**
 * A random change to the examples of a shard before the network learns from them. All draws of a shard come from one
 * generator, example after example; StrictMath keeps them the same on every machine.
 */
public sealed interface Augmentation extends Serializable {

    void apply(Examples examples, SplitMix64 random);

    /** Whether it moves pixels about, for which a vector will not do. */
    default boolean needsImage() {
        return true;
    }

    /**
     * Puts a border of zeros around the image and cuts its size out again, at each of the (2 padding + 1)^2 offsets with
     * the same probability: He, Zhang, Ren, Sun 2015.
     *
     * @param padding from 1
     */
    record RandomCrop(int padding) implements Augmentation {
        @Override
        public void apply(Examples examples, SplitMix64 random) {
            float[] before = new float[examples.size()];
            int height = examples.height();
            int width = examples.width();
            for (int example = 0; example < examples.count(); example++) {
                int down = (int) random.nextLong(2L * padding + 1) - padding;
                int right = (int) random.nextLong(2L * padding + 1) - padding;
                int from = example * examples.size();
                System.arraycopy(examples.values(), from, before, 0, before.length);
                for (int i = 0; i < before.length; i++) {
                    int row = i / width % height + down;
                    int column = i % width + right;
                    boolean inside = row >= 0 && row < height && column >= 0 && column < width;
                    examples.values()[from + i] = inside ? before[i + down * width + right] : 0;
                }
            }
        }
    }

    /**
     * Left becomes right.
     *
     * @param probability of an example, in (0, 1]
     */
    record HorizontalFlip(double probability) implements Augmentation {
        @Override
        public void apply(Examples examples, SplitMix64 random) {
            int width = examples.width();
            int rows = examples.channels() * examples.height();
            for (int example = 0; example < examples.count(); example++) {
                if (random.nextDouble() >= probability) {
                    continue;
                }
                for (int row = 0; row < rows; row++) {
                    int from = example * examples.size() + row * width;
                    for (int left = from, right = from + width - 1; left < right; left++, right--) {
                        float moved = examples.values()[left];
                        examples.values()[left] = examples.values()[right];
                        examples.values()[right] = moved;
                    }
                }
            }
        }
    }

    /**
     * Turns the image about its centre by an angle from [-degrees, degrees]; values between pixels are interpolated
     * linearly in both directions, those from outside are 0.
     *
     * @param degrees in (0, 180]
     */
    record Rotation(double degrees) implements Augmentation {
        @Override
        public void apply(Examples examples, SplitMix64 random) {
            float[] before = new float[examples.size()];
            for (int example = 0; example < examples.count(); example++) {
                double angle = StrictMath.toRadians(between(random, -degrees, degrees));
                int from = example * examples.size();
                System.arraycopy(examples.values(), from, before, 0, before.length);
                turn(examples, before, from, StrictMath.sin(angle), StrictMath.cos(angle));
            }
        }

        private static void turn(Examples examples, float[] before, int from, double sine, double cosine) {
            int height = examples.height();
            int width = examples.width();
            double middleRow = (height - 1) / 2.0;
            double middleColumn = (width - 1) / 2.0;
            for (int i = 0; i < before.length; i++) {
                double y = i / width % height - middleRow;
                double x = i % width - middleColumn;
                double row = cosine * y - sine * x + middleRow;
                double column = sine * y + cosine * x + middleColumn;
                int plane = i / examples.plane() * examples.plane();
                examples.values()[from + i] = (float) interpolated(before, plane, height, width, row, column);
            }
        }

        private static double interpolated(float[] image, int plane, int height, int width, double row, double column) {
            int top = (int) Math.floor(row);
            int left = (int) Math.floor(column);
            double value = 0;
            for (int i = top; i <= top + 1; i++) {
                for (int j = left; j <= left + 1; j++) {
                    if (i >= 0 && i < height && j >= 0 && j < width) {
                        value += image[plane + i * width + j] * (1 - Math.abs(row - i)) * (1 - Math.abs(column - j));
                    }
                }
            }
            return value;
        }
    }

    /**
     * Stretches an example's values about their mean by a factor from [1 - amount, 1 + amount], within [0, 1].
     *
     * @param amount in (0, 1]
     */
    record Contrast(double amount) implements Augmentation {
        @Override
        public void apply(Examples examples, SplitMix64 random) {
            for (int example = 0; example < examples.count(); example++) {
                double factor = between(random, 1 - amount, 1 + amount);
                int from = example * examples.size();
                double sum = 0;
                for (int i = from; i < from + examples.size(); i++) {
                    sum += examples.values()[i];
                }
                double mean = sum / examples.size();
                for (int i = from; i < from + examples.size(); i++) {
                    examples.values()[i] = bounded(mean + factor * (examples.values()[i] - mean));
                }
            }
        }

        @Override
        public boolean needsImage() {
            return false;
        }
    }

    /**
     * Adds a number from [-amount, amount] to all of an example's values, within [0, 1].
     *
     * @param amount in (0, 1]
     */
    record Brightness(double amount) implements Augmentation {
        @Override
        public void apply(Examples examples, SplitMix64 random) {
            for (int example = 0; example < examples.count(); example++) {
                double shift = between(random, -amount, amount);
                for (int i = example * examples.size(); i < (example + 1) * examples.size(); i++) {
                    examples.values()[i] = bounded(examples.values()[i] + shift);
                }
            }
        }

        @Override
        public boolean needsImage() {
            return false;
        }
    }

    /**
     * Blackens a rectangle, the same in every channel, whose sides are up to a share of the image's (DeVries, Taylor
     * 2017 and Zhong et al. 2020).
     *
     * @param probability of an example, in (0, 1]
     * @param side the largest share of the image's height and of its width, in (0, 1]
     */
    record Erasing(double probability, double side) implements Augmentation {
        @Override
        public void apply(Examples examples, SplitMix64 random) {
            for (int example = 0; example < examples.count(); example++) {
                if (random.nextDouble() >= probability) {
                    continue;
                }
                int rows = extent(examples.height(), random);
                int columns = extent(examples.width(), random);
                int top = (int) random.nextLong(examples.height() - rows + 1L);
                int left = (int) random.nextLong(examples.width() - columns + 1L);
                int from = example * examples.size();
                for (int channel = 0; channel < examples.channels(); channel++) {
                    for (int row = top; row < top + rows; row++) {
                        int at = from + channel * examples.plane() + row * examples.width() + left;
                        Arrays.fill(examples.values(), at, at + columns, 0);
                    }
                }
            }
        }

        private int extent(int whole, SplitMix64 random) {
            int most = Math.max(1, (int) (side * whole));
            return 1 + (int) random.nextLong(most);
        }
    }

    /**
     * Zhang et al. 2018: each example becomes lambda times itself and (1 - lambda) times another of its shard, its label
     * and its weight likewise; lambda is drawn from Beta(alpha, alpha) for each example. A partner from the shard, because shards must
     * not depend on each other.
     *
     * @param alpha in (0, 2]
     */
    record MixUp(double alpha) implements Augmentation {
        @Override
        public void apply(Examples examples, SplitMix64 random) {
            float[] values = Arrays.copyOf(examples.values(), examples.count() * examples.size());
            float[] labels = Arrays.copyOf(examples.labels(), examples.count() * examples.classes());
            float[] weights =
                    examples.weights() == null ? null : examples.weights().clone();
            for (int example = 0; example < examples.count(); example++) {
                double share = beta(random);
                int partner = (int) random.nextLong(examples.count());
                mix(examples.values(), values, example, partner, examples.size(), share);
                mix(examples.labels(), labels, example, partner, examples.classes(), share);
                if (weights != null) {
                    mix(examples.weights(), weights, example, partner, 1, share);
                }
            }
        }

        private static void mix(float[] into, float[] before, int example, int partner, int size, double share) {
            for (int i = 0; i < size; i++) {
                into[example * size + i] =
                        (float) (share * before[example * size + i] + (1 - share) * before[partner * size + i]);
            }
        }

        /** Jöhnk 1964: of two powers u^(1/alpha), v^(1/alpha) whose sum is at most 1, the first's share of the sum. */
        private double beta(SplitMix64 random) {
            while (true) {
                double x = StrictMath.log(1 - random.nextDouble()) / alpha;
                double y = StrictMath.log(1 - random.nextDouble()) / alpha;
                double larger = Math.max(x, y); // logarithms: the powers themselves can both be too small for a double
                double sum = StrictMath.exp(x - larger) + StrictMath.exp(y - larger);
                if (larger + StrictMath.log(sum) <= 0) {
                    return StrictMath.exp(x - larger) / sum;
                }
            }
        }

        @Override
        public boolean needsImage() {
            return false;
        }
    }

    private static double between(SplitMix64 random, double least, double most) {
        return least + (most - least) * random.nextDouble();
    }

    private static float bounded(double value) {
        return (float) Math.max(0, Math.min(1, value));
    }
}
