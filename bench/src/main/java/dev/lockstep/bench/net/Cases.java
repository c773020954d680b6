package dev.lockstep.bench.net;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The runs of the safety net. Their names never change; a new part of Lockstep gets a line here. */
final class Cases {
    /** Runs on the bundled images: enough for epochs whose last batch is short and for some empty shards. */
    private static final List<String> SMALL = List.of(
            "--conf",
            "lenet",
            "data.train-limit=130",
            "data.test-limit=40",
            "train.batch-size=32",
            "train.shards=5",
            "train.iterations=9",
            "train.evaluate-every=4 steps",
            "train.checkpoint-every=3 steps");

    /** MB for an executor that holds 60 million parameters, several times. */
    private static final int LARGE = 3072;

    static final String LAYERS = "network.layers=";
    private static final String CONVOLUTION = "{type=convolution,filters=4,kernel=5,stride=2}";
    private static final String RELU = "{type=activation,function=relu}";
    static final String OUTPUT = "{type=output}";
    private static final String STACK = LAYERS + "[" + CONVOLUTION + "," + RELU
            + ",{type=max-pool,kernel=2},{type=dense,units=16,activation=relu},{type=dropout,ratio=0.2}," + OUTPUT
            + "]";

    private final List<Case> all = new ArrayList<>();
    private final Path cifar10;
    private final Path teacher;

    private Cases(Path cifar10, Path teacher) {
        this.cifar10 = cifar10;
        this.teacher = teacher;
    }

    /**
     * @param cifar10 a folder with made-up files of CIFAR-10's form
     * @param teacher a model of the bundled images
     * @param labels a table of two features and two labels
     */
    static List<Case> all(Path cifar10, Path teacher, Path labels) {
        Cases cases = new Cases(cifar10, teacher);
        cases.configurations();
        cases.layers();
        cases.learning();
        cases.lengths();
        cases.all.addAll(MadeUpCases.all(labels));
        cases.rewards();
        cases.course();
        return List.copyOf(cases.all);
    }

    /** Episodes, what is learnt of them, and what is remembered. */
    private void rewards() {
        for (String name : List.of("cartpole-ppo", "cartpole-reinforce", "gridworld-dqn")) {
            List<String> few = List.of(name, "algorithm.iterations=4", "evaluation.every=2", "evaluation.episodes=20");
            all.add(new Case("rl/" + name, List.of(Case.words("rl", few))));
        }
    }

    private void configurations() {
        for (String name : List.of(
                "fashion-cnn",
                "lenet",
                "lenet-bn",
                "deep-convnet",
                "simple-convnet",
                "mlp",
                "multi-layer-net",
                "multi-layer-net-extended",
                "double-convnet",
                "alexnet-small")) {
            conf(name, name);
        }
        conf("lenet-5", "lenet-5");
        for (String name : List.of("resnet-20", "resnet-32", "resnet-56")) {
            conf(name, name, "data.path=" + cifar10);
        }
        conf(
                "alexnet-small-cifar10",
                "alexnet-small",
                "data.format=cifar10",
                "data.path=" + cifar10,
                "network.input=[3,32,32]");
        conf(
                "alexnet",
                "alexnet",
                "data.format=generated",
                "data.generated.rule=images",
                "data.generated.train=6",
                "data.generated.test=2");
    }

    private void conf(String name, String conf, String... more) {
        boolean large = conf.equals("alexnet");
        List<String> arguments = new ArrayList<>(List.of("--conf", conf));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of(
                "data.train-limit=60",
                "data.test-limit=20",
                "train.epochs=null",
                "train.iterations=" + (large ? 1 : 4),
                "train.batch-size=" + (large ? 6 : 24),
                "train.shards=3"));
        all.add(new Case("conf/" + name, List.of(Case.words("train", arguments)), large ? LARGE : 0));
    }

    private void layers() {
        Map<String, String> layers = new TreeMap<>();
        layers.put("average-pool", CONVOLUTION + ",{type=average-pool,kernel=3,stride=2,padding=1}");
        layers.put("batch-norm", CONVOLUTION + ",{type=batch-norm}," + RELU);
        layers.put("batch-norm-dense", "{type=dense,units=12},{type=batch-norm,decay=0.8}," + RELU);
        layers.put("dilated", "{type=convolution,filters=3,kernel=3,dilation=2,padding=same}," + RELU);
        layers.put("dropout-on-logits", "{type=dense,units=10},{type=dropout,ratio=0.5}");
        layers.put("group-norm", CONVOLUTION + ",{type=group-norm,groups=2}," + RELU);
        layers.put("slice", CONVOLUTION + ",{type=slice,from=1,to=3}");
        layers.put("prelu", CONVOLUTION + ",{type=prelu}");
        layers.put("flatten", CONVOLUTION + ",{type=flatten},{type=dense,units=8}");
        layers.put("global-average-pool", CONVOLUTION + "," + RELU + ",{type=global-average-pool}");
        layers.put("instance-norm", CONVOLUTION + ",{type=instance-norm}," + RELU);
        layers.put("layer-norm", CONVOLUTION + ",{type=layer-norm}," + RELU);
        layers.put("layer-norm-dense", "{type=dense,units=12},{type=layer-norm,epsilon=1e-4}," + RELU);
        layers.put("local-response-norm", CONVOLUTION + ",{type=local-response-norm}");
        layers.put("max-pool-padded", CONVOLUTION + ",{type=max-pool,kernel=3,stride=2,padding=1}");
        layers.put(
                "depthwise",
                CONVOLUTION + ",{type=depthwise-convolution,kernel=3,stride=2,padding=1,multiplier=2}," + RELU
                        + ",{type=convolution,filters=6,kernel=1}");
        layers.put("dense-block", CONVOLUTION + ",{type=dense-block,depth=2,growth=3,bottleneck=4}");
        layers.put("repeat", "{type=dense,units=9,activation=tanh,repeat=3}");
        layers.put(
                "residual",
                CONVOLUTION + ",{type=residual,activation=relu,layers=[{type=convolution,filters=4,kernel=3,"
                        + "padding=same},{type=batch-norm}]}");
        layers.put(
                "residual-projection",
                CONVOLUTION + ",{type=residual,shortcut=projection,layers=[{type=convolution,filters=6,kernel=3,"
                        + "stride=2,padding=1,activation=leaky-relu}]},{type=flatten}");
        for (String function :
                List.of("identity", "step", "relu", "leaky-relu", "sigmoid", "tanh", "softmax", "elu", "gelu")) {
            layers.put("activation-" + function, "{type=dense,units=12,activation=" + function + "}");
        }
        layers.forEach((name, list) -> small(
                "layer/" + name,
                LAYERS + "[" + list + (name.contains("logits") ? ",{type=loss}]" : ",{type=output}]")));
        for (String init : List.of("gauss", "xavier", "he", "zeros")) {
            small("weight-init/" + init, STACK, "network.weight-init=" + init);
        }
        small(
                "loss/binary-cross-entropy",
                LAYERS + "[{type=dense,units=12,activation=relu},{type=output,loss=binary-cross-entropy}]");
        small(
                "loss/squared-error",
                LAYERS + "[{type=dense,units=12,activation=relu},{type=output,loss=squared-error,activation=sigmoid}]");
    }

    private void learning() {
        for (String name :
                List.of("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "lamb")) {
            small("optimizer/" + name, STACK, "optimizer.name=" + name);
            small(
                    "optimizer/" + name + "-batch-norm-l2",
                    LAYERS + "[" + CONVOLUTION + ",{type=batch-norm}," + RELU + "," + OUTPUT + "]",
                    "optimizer.name=" + name,
                    "regularization.l2=1e-3");
        }
        small("optimizer/clip-value", STACK, "optimizer.name=sgd", "optimizer.clip-value=0.01");
        small("optimizer/clip-norm", STACK, "optimizer.clip-norm=0.1");
        small("regularization/elastic-net", STACK, "regularization.l1=1e-4", "regularization.l2=1e-3");
        schedule("step", "every=3 steps");
        schedule("exponential", "every=2 steps");
        schedule("cosine", "warm-up=3 steps");
        schedule("plateau", "metric=test-loss", "patience=1", "min-delta=10");
        for (String type :
                List.of("random-crop", "horizontal-flip", "rotation", "contrast", "brightness", "erasing", "mix-up")) {
            small("augment/" + type, STACK, "data.augment=[{type=" + type + "}]");
        }
        small(
                "distillation",
                STACK,
                "train.teacher=" + teacher,
                "train.teacher-weight=0.7",
                "train.temperature=3",
                "data.augment=[{type=random-crop}]");
        small("data/with-replacement", STACK, "data.sampling=with-replacement");
        small("data/bootstrap", STACK, "data.bootstrap=true");
        small("data/validation", STACK, "data.validation-fraction=0.2", "train.evaluate-train=true");
    }

    private void schedule(String type, String... more) {
        List<String> arguments = new ArrayList<>(List.of(STACK, "optimizer.schedule.type=" + type));
        for (String setting : more) {
            arguments.add("optimizer.schedule." + setting);
        }
        small("schedule/" + type, arguments.toArray(String[]::new));
    }

    private void lengths() {
        for (String shards : List.of("1", "3", "8", "16")) {
            small("shards/" + shards, STACK, "train.shards=" + shards);
        }
        small("sync-every/3", STACK, "train.sync-every=3");
        small(
                "sync-every/3-sgd-batch-norm",
                LAYERS + "[" + CONVOLUTION + ",{type=batch-norm},{type=output}]",
                "optimizer.name=sgd",
                "train.sync-every=3");
        small(
                "early-stopping",
                STACK,
                "train.iterations=60",
                "train.early-stopping.metric=test-loss",
                "train.early-stopping.patience=2",
                "train.early-stopping.min-delta=0.3");
        List<String> twice = Stream.concat(SMALL.stream(), Stream.of(STACK)).toList();
        all.add(new Case(
                "resume",
                List.of(
                        Case.words("train", twice, "train.iterations=4"),
                        List.of("train", "--resume", "train.iterations=11"))));
        all.add(new Case(
                "resume-momentum-job",
                List.of(
                        Case.words("train", twice, "train.iterations=4", "optimizer.name=momentum"),
                        List.of("train", "--resume", "train.iterations=11", "train.exchange=job"))));
    }

    private void course() {
        all.add(new Case(
                "course",
                List.of(List.of(
                        "course",
                        "all",
                        "--cifar10",
                        cifar10.toString(),
                        "data.train-limit=1000",
                        "data.test-limit=60",
                        "train.epochs=null",
                        "train.iterations=20",
                        "train.log-every=1",
                        "train.evaluate-every=10 steps"))));
    }

    private void small(String name, String... arguments) {
        all.add(Case.train(
                name, Stream.concat(SMALL.stream(), Arrays.stream(arguments)).toList()));
    }
}
