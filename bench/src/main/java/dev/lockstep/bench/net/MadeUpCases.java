package dev.lockstep.bench.net;

import static dev.lockstep.bench.net.Cases.LAYERS;
import static dev.lockstep.bench.net.Cases.OUTPUT;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Of the runs of the safety net, those on made-up numbers: every objective, and sequences. */
final class MadeUpCases {
    private final List<Case> all = new ArrayList<>();
    private final Path labels;

    private MadeUpCases(Path labels) {
        this.labels = labels;
    }

    /** @param labels a table of two features and two labels */
    static List<Case> all(Path labels) {
        MadeUpCases cases = new MadeUpCases(labels);
        cases.objectives();
        cases.sequences();
        return cases.all;
    }

    private void objectives() {
        for (String loss : List.of("squared-error", "absolute-error", "huber")) {
            generated(
                    "objective/regression-" + loss,
                    "linear",
                    300,
                    "train.objective=regression",
                    "network.input=[5]",
                    "network.targets=2",
                    LAYERS + "[{type=dense,units=12,activation=tanh},{type=output,loss=" + loss + "}]");
        }
        generated( // near what is told, where Huber's loss is not the absolute error
                "objective/regression-huber-near",
                "polynomial",
                300,
                "train.objective=regression",
                "network.input=[3]",
                "network.targets=1",
                LAYERS + "[{type=dense,units=12,activation=tanh},{type=output,loss=huber}]");
        generated(
                "objective/sequences",
                "sequences",
                300,
                "data.generated.steps=7",
                "network.input=[time,4]",
                "network.classes=4",
                LAYERS + "[{type=mean-over-time},{type=dense,units=12,activation=tanh},{type=output}]");
        generated(
                "objective/multi-label-sequences",
                "addition",
                150,
                "train.objective=multi-label",
                "data.generated.steps=6",
                "network.input=[time,2]",
                "network.targets=1",
                LAYERS + "[{type=rnn,units=8},{type=output}]",
                "train.iterations=7");
        labels("objective/multi-label", "{type=dense,units=12,activation=tanh},{type=output}");
        labels(
                "objective/branches",
                "{type=slice,to=1,input=input},{type=dense,units=4,activation=tanh,name=x},"
                        + "{type=slice,from=1,to=2,input=input},{type=dense,units=4,activation=tanh,name=y},"
                        + "{type=dense,units=1,input=x,name=left},{type=concat,input=[x,y]},"
                        + "{type=dense,units=1,name=right},{type=concat,input=[left,right]},{type=loss}");
    }

    private void labels(String name, String layers) {
        brief(
                name,
                "train.objective=multi-label",
                "data.format=csv",
                "data.path=" + labels,
                "data.columns.id=row",
                "data.columns.features=[a,b]",
                "data.columns.label=[left,right]",
                "data.test-fraction=0.2",
                "network.input=[2]",
                LAYERS + "[" + layers + "]");
    }

    /** On made-up examples, a fifth as many to test as to train. */
    private void generated(String name, String rule, int train, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "data.format=generated",
                "data.generated.rule=" + rule,
                "data.generated.train=" + train,
                "data.generated.test=" + train / 5));
        arguments.addAll(List.of(more));
        brief(name, arguments.toArray(String[]::new));
    }

    /** Eleven iterations of three shards, unless the arguments say otherwise. */
    private void brief(String name, String... arguments) {
        List<String> words = new ArrayList<>(
                List.of("train.epochs=null", "train.iterations=11", "train.batch-size=24", "train.shards=3"));
        words.addAll(List.of(arguments));
        all.add(Case.train(name, words));
    }

    /** Of tokens, each step told by itself; of vectors, the sequence as a whole. */
    private void sequences() {
        Map<String, String> layers = new TreeMap<>();
        layers.put("attention", "{type=positional-encoding},{type=attention,heads=2,mask=causal}");
        layers.put(
                "convolution-1d", "{type=convolution-1d,filters=8,kernel=3,dilation=2,padding=causal,activation=tanh}");
        layers.put("dense-layer-norm", "{type=dense,units=9,activation=relu},{type=layer-norm}");
        layers.put("gru-both-ways", "{type=gru,units=8,direction=both}");
        layers.put("gru-reset-before", "{type=gru,units=8,reset=before}");
        layers.put("lstm", "{type=lstm,units=8},{type=dropout,ratio=0.2}");
        layers.put("repeat-last-step", "{type=rnn,units=8},{type=repeat-last-step},{type=rnn,units=8}");
        layers.put(
                "recurrent-dropout",
                "{type=lstm,units=8,recurrent-dropout=0.3},{type=gru,units=8,direction=both,recurrent-dropout=0.2},"
                        + "{type=rnn,units=8,recurrent-dropout=0.5}");
        layers.put("lstm-peepholes", "{type=lstm,units=8,peepholes=on}");
        for (String merge : List.of("concat", "mean")) {
            layers.put(
                    "bidirectional-" + merge, "{type=bidirectional,merge=" + merge + ",layers=[{type=lstm,units=6}]}");
        }
        layers.put(
                "decoder-block",
                "{type=positional-encoding,name=x},{type=transformer-block,heads=2,units=16,mask=source,input=[x,input],name=y},"
                        + "{type=decoder-block,heads=2,units=16,dropout=0.1,input=[x,y,input]}");
        layers.put(
                "additive-attention",
                "{type=gru,units=8,name=h},{type=additive-attention,input=[h,h,input],name=c},{type=concat,input=[h,c]}");
        layers.put("rnn-relu", "{type=rnn,units=8,activation=relu}");
        layers.put("transformer-block", "{type=transformer-block,heads=2,units=16,dropout=0.1}");
        layers.put("transformer-block-norm-after", "{type=transformer-block,heads=2,units=16,norm=after}");
        layers.forEach((name, list) -> sequence(
                name,
                "reverse",
                "network.input=[time,1]",
                "network.classes=10",
                LAYERS + "[{type=embedding,vocabulary=10,units=8}," + list + "," + OUTPUT + "]"));
        sequence(
                "streams",
                "reverse",
                "network.input=[time,1]",
                "network.classes=10",
                "data.sampling=streams",
                LAYERS + "[{type=embedding,vocabulary=10,units=8},{type=lstm,units=6},{type=gru,units=6}," + OUTPUT
                        + "]");
        sequence(
                "tokens",
                "reverse",
                "network.input=[time,1]",
                "network.classes=10",
                "train.average-over=tokens",
                LAYERS + "[{type=embedding,vocabulary=10,units=8},{type=gru,units=8}," + OUTPUT + "]");
        sequence(
                "buckets",
                "sequences",
                "network.input=[time,4]",
                "network.classes=4",
                "data.sampling=buckets",
                "train.iterations=12",
                LAYERS + "[{type=gru,units=6},{type=last-step}," + OUTPUT + "]");
        sequence(
                "tied",
                "reverse",
                "network.input=[time,1]",
                "network.classes=10",
                LAYERS
                        + "[{type=embedding,name=words,vocabulary=10,units=8},{type=gru,units=8},{type=output,tied=words}]");
        sequence(
                "negatives",
                "sequences",
                "network.input=[time,4]",
                "network.classes=4",
                LAYERS + "[{type=dense,units=6},{type=mean-over-time},{type=output,negatives=2}]");
        sequence(
                "last-step",
                "sequences",
                "network.input=[time,4]",
                "network.classes=4",
                LAYERS + "[{type=lstm,units=8},{type=last-step}," + OUTPUT + "]");
    }

    private void sequence(String name, String rule, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("data.generated.steps=7", "data.generated.test=30", "train.iterations=7"));
        arguments.addAll(List.of(more));
        generated("sequence/" + name, rule, 120, arguments.toArray(String[]::new));
    }
}
