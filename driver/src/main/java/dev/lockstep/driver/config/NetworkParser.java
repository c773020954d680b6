package dev.lockstep.driver.config;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.model.AverageOver;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Learning;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Graph;
import dev.lockstep.worker.model.layer.Layers;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.objective.NetworkOutput;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.model.optimizer.Optimizer;
import dev.lockstep.worker.model.optimizer.Optimizers;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code network}, {@code optimizer} and {@code regularization}; layers and optimizers read their own keys. */
final class NetworkParser {
    private static final String RATE = "learning-rate-scale";

    private final ConfigSection root;

    /** Each node, null for one with problems (which are reported). */
    private final List<Node> nodes = new ArrayList<>();

    /** The section of each node. */
    private final List<ConfigSection> origins = new ArrayList<>();

    private final RunConfig.Data data;
    private double prune;

    NetworkParser(ConfigSection root, RunConfig.Data data) {
        this.root = root;
        this.data = data;
    }

    /** The network, or null when it has problems (which are reported). */
    NetworkSpec parse() {
        Shape input = input();
        NetworkOutput output = output();
        prune = root.number("train.prune", 0, Interval.FRACTION);
        WeightInit init = WeightInit.read(root, "network.", WeightInit.Name.HE);
        Optimizer optimizer = Optimizers.read(root.word("optimizer.name", "adam", Optimizers.names()), root);
        double l1 = root.number("regularization.l1", 0, Interval.FROM_ZERO);
        double l2 = root.number("regularization.l2", 0, Interval.FROM_ZERO);
        Clipping clipping = new Clipping(root.bound("optimizer.clip-norm"), root.bound("optimizer.clip-value"));
        root.sections("network.layers").forEach(section -> read(section, output));
        List<Augmentation> augmentations = new AugmentationParser(root).parse(input);
        if (input != null && input.hasTime() && !augmentations.isEmpty()) {
            root.problem("data.augment", "is for images and vectors; network.input is a sequence");
        }
        if (optimizer != null) {
            checkLearning(optimizer);
        }
        if (!fits(input, output)) {
            return null;
        }
        return new NetworkSpec(
                input,
                nodes,
                init,
                optimizer,
                l1,
                l2,
                clipping,
                Schedule.CONSTANT,
                augmentations,
                output.objective(),
                null,
                List.of(),
                averageOver(input),
                null,
                null);
    }

    /** The share of the weights that become 0 and stay so, once it is parsed. */
    double prune() {
        return prune;
    }

    private AverageOver averageOver(Shape input) {
        AverageOver over = root.choice("train.average-over", AverageOver.EXAMPLES, AverageOver.class);
        if (over == AverageOver.TOKENS && input != null && !input.hasTime()) {
            root.problem("train.average-over", "is tokens, but network.input is no sequence");
        }
        return over;
    }

    /** What it is to tell: classes, or values, as many as the data has columns for. */
    private NetworkOutput output() {
        Objective objective = root.choice("train.objective", Objective.CLASSIFICATION, Objective.class);
        if (objective == Objective.CLASSIFICATION) {
            return new NetworkOutput(objective, root.integer("network.classes", 10, 2, Integer.MAX_VALUE));
        }
        if (data.format() != null && data.format().isOfImages()) {
            root.problem(
                    "train.objective",
                    "is " + objective.word()
                            + ", but examples of data.format = " + ConfigSection.name(data.format())
                            + " have a class each; expected"
                            + " a table, as of data.format = parquet or csv");
        }
        root.knows("network.classes"); // a configuration of classes that is used for values
        int columns = data.table() == null ? 1 : data.table().columns().label().size();
        return new NetworkOutput(objective, root.integer("network.targets", columns, 1, Integer.MAX_VALUE));
    }

    private Shape input() {
        List<String> words = root.texts("network.input", List.of("1", "28", "28"));
        if (words.size() == 2 && words.get(0).equals(Shape.TIME) && words.get(1).matches("[1-9]\\d{0,8}")) {
            return Shape.sequence(Integer.parseInt(words.get(1)));
        }
        List<Integer> sizes = root.integers("network.input", List.of(1, 28, 28));
        boolean positive = sizes.stream().allMatch(size -> size >= 1);
        if (positive && sizes.size() == 1) {
            return Shape.vector(sizes.get(0));
        }
        if (positive && sizes.size() == 3) {
            try {
                return new Shape(sizes.get(0), sizes.get(1), sizes.get(2));
            } catch (IllegalArgumentException e) {
                root.problem("network.input", e.getMessage());
                return null;
            }
        }
        root.problem("network.input", "expected [channels, height, width] or [length], sizes from 1, found " + sizes);
        return null;
    }

    /** A part reads the one before it, and is called by its place, where nothing else is said. */
    private void read(ConfigSection section, NetworkOutput output) {
        String name = section.has("name") ? section.text("name", null) : null;
        List<String> inputs = section.has("input") ? section.texts("input", List.of()) : null;
        Learning learning = learning(section); // before: a part's reader refuses keys that nobody has asked for
        List<Part> parts = Layers.readAll(List.of(section), output);
        if (parts.size() > 1 && (name != null || inputs != null)) {
            section.problem("repeat", "can't be given with name or input, which would be those of several");
        }
        for (Part part : parts) {
            String below = nodes.isEmpty()
                    ? NetworkSpec.INPUT
                    : nodes.get(nodes.size() - 1) == null
                            ? ""
                            : nodes.get(nodes.size() - 1).name();
            nodes.add(
                    part == null
                            ? null
                            : new Node(
                                    name == null ? Integer.toString(nodes.size()) : name,
                                    part,
                                    inputs == null ? List.of(below) : inputs,
                                    learning));
            origins.add(section);
        }
    }

    /** Keys that any part may have; of a part that stands for several, for all of them. */
    private Learning learning(ConfigSection section) {
        boolean frozen = isSet(section, "frozen");
        boolean fresh = isSet(section, "fresh");
        double rate = 1;
        if (section.has(RATE)) {
            rate = section.number(RATE, 1, Interval.POSITIVE);
            if (frozen) {
                section.problem(
                        RATE, "is given of a layer that is frozen, which learns nothing; leave one of them out");
            }
        } else {
            section.knows(RATE);
        }
        return new Learning(frozen, rate, fresh, prune > 0 && !frozen && !fresh);
    }

    private void checkLearning(Optimizer optimizer) {
        for (int i = 0; i < nodes.size(); i++) {
            double scale = nodes.get(i) == null ? 1 : nodes.get(i).learning().rate();
            float rate = (float) (optimizer.learningRate() * scale);
            if (scale != 1 && !optimizer.hasLearningRate()) {
                origins.get(i).problem(RATE, "adadelta has no learning rate that could be multiplied; leave it out");
            } else if (!Interval.POSITIVE.contains(rate)) {
                origins.get(i)
                        .problem(RATE, "makes of the learning rate " + rate + "; expected a number above 0 in float32");
            }
        }
        if (!nodes.isEmpty()
                && nodes.stream()
                        .allMatch(node -> node != null && node.learning().frozen())) {
            root.problem("network.layers", "are all frozen; there is nothing to learn");
        }
    }

    private static boolean isSet(ConfigSection section, String key) {
        section.knows(key);
        return section.has(key) && section.flag(key, false);
    }

    /** Follows the shapes through the network, so that a layer that cannot work is named before anything is built. */
    private boolean fits(Shape input, NetworkOutput output) {
        if (nodes.isEmpty()) {
            root.problem("network.layers", "has no layer; the last one must be an output");
            return false;
        }
        if (input == null || nodes.contains(null)) {
            return false;
        }
        Graph graph = new Graph().withInput(NetworkSpec.INPUT, input);
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            String type = node.part().type();
            boolean last = i == nodes.size() - 1;
            if (node.part().isOutput() != last) {
                origins.get(i)
                        .problem(
                                "",
                                last
                                        ? "the last layer must be an output or a loss, found " + type
                                        : type + " must be the last layer, there are " + (nodes.size() - 1 - i)
                                                + " behind it");
                return false;
            }
            try {
                graph.add(node);
            } catch (IllegalArgumentException e) {
                origins.get(i).problem("", type + " does not fit: " + e.getMessage());
                return false;
            }
        }
        int outputs = graph.shape(graph.last()).size();
        if (outputs != output.size()) {
            boolean classes = output.objective() == Objective.CLASSIFICATION;
            root.problem(
                    classes ? "network.classes" : "network.targets",
                    "is " + output.size() + ", but the network's output has " + outputs);
            return false;
        }
        return true;
    }
}
