package dev.lockstep.worker.model;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.layer.Embedding;
import dev.lockstep.worker.model.layer.Graph;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.model.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A network and how it learns, as plain values: what a configuration says, before it is DL4J's.
 *
 * @param input the shape of one example
 * @param nodes its parts, each behind those that it reads; one of them, the last, computes the loss
 * @param weightInit how the weights of every layer start
 * @param optimizer the step taken with the averaged gradient
 * @param l1 weight of sum |w| in the loss, from 0; biases are spared
 * @param l2 weight of 1/2 sum w^2 in the loss, from 0; biases are spared
 * @param clipping how large the averaged gradient may be
 * @param schedule how the learning rate changes
 * @param augmentations what is done to examples before the network learns from them, in order
 * @param objective what it is trained for
 * @param format what its examples are; null for bytes of one class each
 * @param classWeights how much the examples of each class count, {@code [classes]}, above 0; empty when all count the same
 * @param averageOver what the gradient of a batch is the mean over
 * @param distillation whose outputs it learns from, beside the classes; null when from nobody's
 * @param reinforcement what it learns of its actions, in the place of its output's loss; null when it does not act
 * @param feeding how its sequences are fed to it
 * @param occurrences how often each class comes up, where its last layer draws negatives; empty when that is not known
 */
public record NetworkSpec(
        Shape input,
        List<Node> nodes,
        WeightInit weightInit,
        Optimizer optimizer,
        double l1,
        double l2,
        Clipping clipping,
        Schedule schedule,
        List<Augmentation> augmentations,
        Objective objective,
        ExampleFormat format,
        List<Double> classWeights,
        AverageOver averageOver,
        Distillation distillation,
        Reinforcement reinforcement,
        Feeding feeding,
        List<Double> occurrences)
        implements NetworkDefinition {

    /** What nodes call the network's input. */
    public static final String INPUT = "input";

    public NetworkSpec {
        nodes = List.copyOf(nodes);
        augmentations = List.copyOf(augmentations);
        classWeights = List.copyOf(classWeights);
        occurrences = List.copyOf(occurrences);
    }

    /** One that is fed as usual. */
    public NetworkSpec(
            Shape input,
            List<Node> nodes,
            WeightInit weightInit,
            Optimizer optimizer,
            double l1,
            double l2,
            Clipping clipping,
            Schedule schedule,
            List<Augmentation> augmentations,
            Objective objective,
            ExampleFormat format,
            List<Double> classWeights,
            AverageOver averageOver,
            Distillation distillation,
            Reinforcement reinforcement) {
        this(
                input,
                nodes,
                weightInit,
                optimizer,
                l1,
                l2,
                clipping,
                schedule,
                augmentations,
                objective,
                format,
                classWeights,
                averageOver,
                distillation,
                reinforcement,
                Feeding.USUAL,
                List.of());
    }

    /** One that averages over examples, without a teacher, and that does not act. */
    public NetworkSpec(
            Shape input,
            List<Node> nodes,
            WeightInit weightInit,
            Optimizer optimizer,
            double l1,
            double l2,
            Clipping clipping,
            Schedule schedule,
            List<Augmentation> augmentations,
            Objective objective,
            ExampleFormat format,
            List<Double> classWeights) {
        this(
                input,
                nodes,
                weightInit,
                optimizer,
                l1,
                l2,
                clipping,
                schedule,
                augmentations,
                objective,
                format,
                classWeights,
                AverageOver.EXAMPLES,
                null,
                null);
    }

    /** A classifier of bytes. */
    public NetworkSpec(
            Shape input,
            List<Node> nodes,
            WeightInit weightInit,
            Optimizer optimizer,
            double l1,
            double l2,
            Clipping clipping,
            Schedule schedule,
            List<Augmentation> augmentations) {
        this(
                input,
                nodes,
                weightInit,
                optimizer,
                l1,
                l2,
                clipping,
                schedule,
                augmentations,
                Objective.CLASSIFICATION,
                null,
                List.of());
    }

    /** Parts one behind the other that learn from the examples as they are, at one rate, the gradient not clipped. */
    public NetworkSpec(
            Shape input, List<? extends Part> parts, WeightInit weightInit, Optimizer optimizer, double l1, double l2) {
        this(input, chain(parts), weightInit, optimizer, l1, l2, Clipping.NONE, Schedule.CONSTANT, List.of());
    }

    /** Parts one behind the other, each named by its number from 0. */
    public static List<Node> chain(List<? extends Part> parts) {
        List<Node> nodes = new ArrayList<>();
        String below = INPUT;
        for (Part part : parts) {
            String name = Integer.toString(nodes.size());
            nodes.add(new Node(name, part, List.of(below)));
            below = name;
        }
        return nodes;
    }

    /** The same network with another schedule. */
    public NetworkSpec with(Schedule other) {
        return with(other, format, classWeights, distillation, reinforcement, feeding, occurrences);
    }

    /** The same network for examples of a data set. */
    public NetworkSpec of(ExampleFormat examples) {
        return with(schedule, examples, classWeights, distillation, reinforcement, feeding, occurrences);
    }

    /** The same network, to whom the classes count as much as {@link #classWeights} says. */
    public NetworkSpec weighing(List<Double> classes) {
        return with(schedule, format, classes, distillation, reinforcement, feeding, occurrences);
    }

    /** The same network with another teacher; null for none. */
    public NetworkSpec taught(Distillation other) {
        return with(schedule, format, classWeights, other, reinforcement, feeding, occurrences);
    }

    /** The same network, for one who acts: its examples are floats with {@link Reinforcement#TARGETS} targets. */
    public NetworkSpec acting(Reinforcement how) {
        return with(
                schedule,
                ExampleFormat.floats(input, Reinforcement.TARGETS),
                classWeights,
                distillation,
                how,
                feeding,
                occurrences);
    }

    /** The same network, fed in another way. */
    public NetworkSpec fed(Feeding other) {
        return with(schedule, format, classWeights, distillation, reinforcement, other, occurrences);
    }

    /** The same network, whose classes come up as often as this says. */
    public NetworkSpec drawing(List<Double> classes) {
        return with(schedule, format, classWeights, distillation, reinforcement, feeding, classes);
    }

    private NetworkSpec with(
            Schedule rates,
            ExampleFormat examples,
            List<Double> classes,
            Distillation taught,
            Reinforcement acts,
            Feeding fed,
            List<Double> drawn) {
        return new NetworkSpec(
                input,
                nodes,
                weightInit,
                optimizer,
                l1,
                l2,
                clipping,
                rates,
                augmentations,
                objective,
                examples,
                classes,
                averageOver,
                taught,
                acts,
                fed,
                drawn);
    }

    @Override
    public int carriedValues() {
        return feeding.streams() == 0
                ? 0
                : Math.multiplyExact(
                        feeding.streams(),
                        graph().nodes().stream()
                                .mapToInt(node -> node.layer().stateLength())
                                .sum());
    }

    /** What its examples tell it. */
    public Target target() {
        Shape output = outputs().get(nodes.size() - 1);
        return new Target(
                objective == Objective.CLASSIFICATION ? Target.Kind.CLASS : Target.Kind.VALUES,
                output.size(),
                output.hasTime());
    }

    @Override
    public ExampleFormat format() {
        return format == null ? ExampleFormat.bytes(input, classes()) : format;
    }

    /** The parts, without names and edges. */
    public List<Part> layers() {
        return nodes.stream().map(Node::part).toList();
    }

    @Override
    public Negatives negatives() {
        return nodes.get(nodes.size() - 1).part() instanceof Output output && output.negatives() > 0
                ? new Negatives(output.negatives(), occurrences)
                : null;
    }

    /** What the last of them computes. */
    public LossFunction loss() {
        Part last = nodes.get(nodes.size() - 1).part();
        return last instanceof Output output ? output.loss() : ((Loss) last).loss();
    }

    /** Layers alone: what the parts stand for. */
    public Graph graph() {
        Graph graph = new Graph().withInput(INPUT, input);
        nodes.forEach(graph::add);
        return graph;
    }

    /** Whether it is layers one behind the other, each reading the one before, and none what another has learnt. */
    public boolean isStack() {
        if (nodes.get(nodes.size() - 1).part() instanceof Output output && output.tied() != null) {
            return false;
        }
        String below = INPUT;
        for (Node node : nodes) {
            if (!(node.part() instanceof Layer) || !node.inputs().equals(List.of(below))) {
                return false;
            }
            below = node.name();
        }
        return true;
    }

    /** The layers with what they stand for, by the names that DL4J has for them: their places in a stack, else their own. */
    public Map<String, Node> layersByName() {
        Map<String, Node> named = new LinkedHashMap<>();
        boolean stack = isStack();
        for (Node node : graph().nodes()) {
            named.put(stack ? Integer.toString(named.size()) : node.name(), node);
        }
        return named;
    }

    /** The rate of a step, of the layers that have none of their own; 1 when the optimizer knows none. */
    public double learningRate(int step) {
        return optimizer.learningRate() * (optimizer.hasLearningRate() ? schedule.at(step) : 1);
    }

    @Override
    public Map<String, Double> recurrentDropout() {
        Map<String, Double> ratios = new TreeMap<>();
        layersByName().forEach((name, node) -> {
            if (node.layer().recurrentDropout() > 0) {
                ratios.put(name, node.layer().recurrentDropout());
            }
        });
        return ratios;
    }

    @Override
    public Set<String> frozen() {
        return named(Learning::frozen);
    }

    @Override
    public Set<String> sparse() {
        return named(Learning::sparse);
    }

    private Set<String> named(Predicate<Learning> which) {
        if (nodes.stream().noneMatch(node -> which.test(node.learning()))) {
            return Set.of();
        }
        Map<String, Node> layers = layersByName();
        layers.values().removeIf(node -> !which.test(node.learning()));
        return Set.copyOf(layers.keySet());
    }

    /** The shape after each part. */
    public List<Shape> outputs() {
        Graph graph = graph();
        return nodes.stream().map(node -> graph.shape(node.name())).toList();
    }

    @Override
    public int tokens() {
        return graph().nodes().stream()
                .filter(node -> node.inputs().contains(INPUT) && node.part() instanceof Embedding)
                .mapToInt(node -> ((Embedding) node.part()).vocabulary())
                .min()
                .orElse(0);
    }

    @Override
    public int classes() {
        return outputs().get(nodes.size() - 1).size();
    }
}
