package dev.lockstep.driver.source;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfig.Generated;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.GeneratedSplit;
import dev.lockstep.worker.source.GeneratedSplit.Rule;
import dev.lockstep.worker.source.Split;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Examples made up by a rule, each from its number alone: any task makes them for itself. */
final class GeneratedSource {
    private GeneratedSource() {}

    /** @throws DataException when the rule makes nothing that the network takes or tells */
    static Dataset open(RunConfig.Data data, Shape input, Target target) {
        Generated how = data.generated();
        boolean classes = target.kind() == Target.Kind.CLASS;
        boolean fits =
                switch (how.rule()) {
                    case LINEAR -> !input.isImage() && !input.hasTime() && !classes;
                    case IMAGES -> !input.hasTime() && classes;
                    case SEQUENCES ->
                        input.hasTime() && !target.everyStep() && classes && target.values() <= input.size();
                    case ADDITION ->
                        input.hasTime()
                                && input.size() == 2
                                && target.everyStep()
                                && !classes
                                && target.values() == 1
                                && how.steps() < Long.SIZE;
                    case SINE ->
                        input.hasTime() && input.size() == 1 && !target.everyStep() && !classes && target.values() == 1;
                    case SINE_TO_COSINE ->
                        input.hasTime() && input.size() == 1 && target.everyStep() && !classes && target.values() == 1;
                    case COPY, REVERSE ->
                        input.hasTime()
                                && target.everyStep()
                                && classes
                                && (input.size() == 1 || input.size() == target.values());
                    case TONES -> input.hasTime() && input.size() == 1 && !target.everyStep() && classes;
                    case POLYNOMIAL -> !input.isImage() && !input.hasTime() && !classes && target.values() == 1;
                    case OR, AND, XOR -> input.equals(Shape.vector(2)) && !classes && target.values() == 1;
                };
        if (!fits) {
            throw new DataException("data.generated.rule: "
                    + switch (how.rule()) {
                        case LINEAR -> "linear makes vectors of numbers for train.objective = regression";
                        case IMAGES -> "images makes images or vectors of one class each";
                        case SEQUENCES -> "sequences makes vectors in time, network.input = [time, n], of n classes";
                        case ADDITION ->
                            "addition makes pairs of bits in time, network.input = [time, 2], fewer than 64, and"
                                    + " a bit to be told at every step, network.targets = 1";
                        case SINE ->
                            "sine makes numbers in time, network.input = [time, 1], and the next one to be told"
                                    + " behind the last, train.objective = regression";
                        case SINE_TO_COSINE ->
                            "sine-to-cosine makes numbers in time, network.input = [time, 1], and one to be told at"
                                    + " every step, train.objective = regression";
                        case COPY, REVERSE ->
                            "copy and reverse make tokens in time, network.input = [time, 1] or [time, n], and one"
                                    + " of n to be told at every step, network.classes = n";
                        case TONES ->
                            "tones makes numbers in time, network.input = [time, 1], and a class to be told behind the"
                                    + " last";
                        case POLYNOMIAL ->
                            "polynomial makes powers of a number, network.input = [n], and a value,"
                                    + " train.objective = regression, network.targets = 1";
                        case OR, AND, XOR ->
                            "or, and and xor make pairs of bits, network.input = [2], and one more,"
                                    + " train.objective = multi-label, network.targets = 1";
                    }
                    + "; the network takes " + input + " and tells " + target.values()
                    + (classes ? " classes" : " values")
                    + (target.everyStep() ? " at every step" : ""));
        }
        ExampleFormat format =
                new ExampleFormat(how.rule() == Rule.IMAGES ? Element.BYTE : Element.FLOAT, input, target);
        long train = data.trainLimit() == 0 ? how.train() : Math.min(data.trainLimit(), how.train());
        long test = data.testLimit() == 0 ? how.test() : Math.min(data.testLimit(), how.test());
        MessageDigest sha = IdxSource.sha256();
        // Not the format's own text: it may come to say more, and checkpoints of before still go on.
        String told = "Target[kind=" + target.kind() + ", values=" + target.values()
                + (target.everyStep() ? ", everyStep=true" : "") + "]";
        String of = "ExampleFormat[element=" + format.element() + ", features=" + input + ", target=" + told + "]";
        sha.update((text(how) + " of " + of + " " + train + " " + test).getBytes(StandardCharsets.UTF_8));
        return new Dataset(
                format,
                split(how, format, 0, train),
                split(how, format, how.train(), test),
                HexFormat.of().formatHex(sha.digest()));
    }

    /** As it was before rules had more to say: checkpoints of then still go on. */
    private static String text(Generated how) {
        String before = "Generated[rule=" + how.rule() + ", train=" + how.train() + ", test=" + how.test() + ", from="
                + how.from() + ", to=" + how.to() + ", steps=" + how.steps() + ", seed=" + how.seed() + "]";
        String fewest = how.fewest() == 1 ? "" : " from " + how.fewest();
        return before + fewest + (how.polynomial() == null ? "" : " " + how.polynomial());
    }

    /** The test examples alone. */
    static Split test(RunConfig.Data data, Shape input, Target target) {
        return open(data, input, target).testFiles();
    }

    private static GeneratedSplit split(Generated how, ExampleFormat format, long start, long size) {
        return new GeneratedSplit(
                how.rule(),
                how.from(),
                how.to(),
                how.fewest(),
                how.steps(),
                how.polynomial(),
                how.seed(),
                format,
                how.train() + how.test(),
                start,
                size);
    }
}
