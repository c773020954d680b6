package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The words of the command line, which scripts rely on. */
class CommandLineTest {

    /** Frozen: a name that goes or changes its meaning is a breaking change, to be told in CHANGELOG. */
    @Test
    void optionsAreThoseOfTheContract() {
        Map<String, String> words = new TreeMap<>();
        new CommandLine(new LockstepCommand()).getSubcommands().forEach((name, command) -> {
            TreeSet<String> options = new TreeSet<>();
            command.getCommandSpec().options().forEach(option -> options.addAll(List.of(option.names())));
            command.getCommandSpec().positionalParameters().forEach(parameter -> options.add(parameter.paramLabel()));
            words.put(name, String.join(" ", options));
        });
        assertThat(words)
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("compare", "--debug --help --out --version -V -h RUN"),
                        Map.entry("watch", "--debug --help --port --version -V -h RUN"),
                        Map.entry(
                                "train",
                                "--conf --debug --dry-run --help --master --other-kernels --out --quiet --resume --version --watch -V -h"
                                        + " key=value"),
                        Map.entry("evaluate", "--data --debug --help --master --model --version -V -h"),
                        Map.entry("predict", "--data --debug --format --help --master --model --out --version -V -h"),
                        Map.entry("export", "--debug --help --model --onnx --version -V -h"),
                        Map.entry("quantise", "--data --debug --help --master --model --out --version -V -h"),
                        Map.entry("import", "--debug --help --keras --out --version -V -h"),
                        Map.entry(
                                "sweep",
                                "--conf --debug --dry-run --help --master --out --quiet --resume --version --yes -V -h key=value"),
                        Map.entry(
                                "course",
                                "--cifar10 --conf --data --debug --dry-run --help --master --out --quiet --resume --seeds --version -V -h"
                                        + " list|all|NAME|key=value"),
                        Map.entry(
                                "rl",
                                "--conf --debug --help --master --out --quiet --resume --version -V -h EXERCISE|key=value"),
                        Map.entry("summary", "--conf --debug --help --kernels --version -V -h key=value"),
                        Map.entry("report", "--debug --help --version -V -h DIR"),
                        Map.entry(
                                "generate",
                                "--beams --choices --debug --help --input --length --model --out --prompt --reference --seed"
                                        + " --temperature --version -V -h"),
                        Map.entry(
                                "vectors",
                                "--count --debug --help --minus --model --near --out --plus --version -V -h"),
                        Map.entry("generate-completion", "--debug --help --version -V -h"),
                        Map.entry("generate-man-page", "--debug --help --version -V -h")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "train",
                "sweep",
                "course",
                "evaluate",
                "predict",
                "export",
                "import",
                "quantise",
                "rl",
                "summary",
                "report",
                "compare",
                "watch"
            })
    void everyCommandExplainsItself(String command) {
        Cli help = Cli.run(command, "-h").expectDone();
        assertThat(help.out()).startsWith("Usage: lockstep " + command).contains("--help", "--debug");
    }

    /** Checked with groff, which found nothing to warn of. */
    @Test
    void aManualPageHasEveryCommandAndOption() {
        String page = Cli.run("generate-man-page").expectDone().out();
        assertThat(page)
                .startsWith(".TH LOCKSTEP 1 ")
                .contains(
                        ".SS lockstep train\n",
                        ".TP\n.B \\-\\-cifar10 PATH\nA folder of CIFAR\\-10's binary files",
                        ".TP\n.B 130\ninterrupted\n",
                        ".TP\n.B \\-\\-debug\n");
        new CommandLine(new LockstepCommand()).getSubcommands().forEach((name, command) -> assertThat(page)
                .contains(".SS lockstep " + name.replace("-", "\\-") + "\n"));
        assertThat(page.lines())
                .filteredOn(line -> line.startsWith("."))
                .allMatch(line -> line.matches("\\.(TH|SH|SS|TP|B|I|PP)\\b.*"));
    }

    @Test
    void theProgramExplainsItself() {
        assertThat(Cli.run("--help").expectDone().out())
                .contains(
                        "Usage: lockstep",
                        "train",
                        "sweep",
                        "course",
                        "evaluate",
                        "predict",
                        "export",
                        "summary",
                        "report");
        assertThat(Cli.run("--version").expectDone().out()).matches("lockstep \\S+\\R");
        Cli nothing = Cli.run();
        assertThat(nothing.code()).isEqualTo(2);
        assertThat(nothing.err()).startsWith("Usage: lockstep");
    }

    @Test
    void whatIsToBeTypedBeginsAsTheLauncherWasCalled() {
        System.setProperty("lockstep.program", "bin/lockstep");
        try {
            assertThat(LockstepCommand.here("lockstep train --resume")).isEqualTo("bin/lockstep train --resume");
        } finally {
            System.clearProperty("lockstep.program");
        }
        assertThat(LockstepCommand.here("lockstep train")).isEqualTo("lockstep train");
    }

    @Test
    void shellsCompleteItsWords() {
        assertThat(Cli.run("generate-completion").expectDone().out())
                .contains("complete -F _complete_lockstep", "compare")
                .contains("--dry-run");
    }

    @Test
    void whatItDoesNotKnowIsRefusedInOneLine() {
        Cli.run("trian").expectError(2, "'trian'", "did you mean train", "see lockstep -h");
        Cli.run("train", "--resum").expectError(2, "Unknown option: '--resum'", "--resume", "see lockstep train -h");
        Cli.run("train", "--out").expectError(2, "Missing required parameter", "--out", "see lockstep train -h");
        Cli.run("evaluate").expectError(2, "Missing required option: '--model=RUN_OR_ZIP'", "see lockstep evaluate -h");
        Cli.run("predict", "--model", "x").expectError(2, "Missing required option: '--out=FILE|DIR'");
        Cli.run("report").expectError(2, "Missing required parameter: 'DIR'");
        Cli.run("report", "a", "b").expectError(2, "'b'");
    }

    @Test
    void aStackTraceIsShownOnlyWhenAskedFor() {
        Cli.run("summary", "seeed=1").expectError(2, "seeed: unknown key");
        Cli debug = Cli.run("summary", "--debug", "seeed=1");
        assertThat(debug.code()).isEqualTo(2);
        assertThat(debug.err()).startsWith("lockstep: seeed: unknown key").contains("ConfigurationException", "\tat ");
        assertThat(Cli.run("--debug", "summary", "seeed=1").err()).contains("\tat ");
    }

    @Test
    void aSummaryShowsShapesAndNumbers() {
        String table = Cli.run("summary", "--conf", "lenet").expectDone().out();
        List<String> lines = table.lines().toList();
        assertThat(lines.get(1)).contains("input").containsPattern("1x28x28\\s*$");
        assertThat(lines.get(2)).containsPattern("^ +0 +convolution .*kernel=5.* 20x24x24 +599,040 +520 +520$");
        assertThat(lines.get(4)).containsPattern("^ +2 +convolution .* 50x8x8 +3,206,400 +25,050 +25,050$");
        assertThat(lines.get(6)).containsPattern("^ +4 +dense .* 500 +801,000 +400,500 +400,500$");
        assertThat(lines.get(8)).containsPattern("^ +6 +output .* 10 +10,020 +5,010 +5,010$");
        assertThat(table)
                .contains(
                        "431,080 trained parameters; about 1.78 billion FLOPs a step of 128 examples; at least 6.58 MiB of"
                                + " memory a task" + System.lineSeparator())
                .endsWith("431,080 parameters, 862,160 values of optimizer state; 1,724,320 bytes a synchronisation"
                        + System.lineSeparator());
        assertThat(Cli.run("summary", "--conf", "mlp", "optimizer.name=sgd")
                        .expectDone()
                        .out())
                .contains("32,430 parameters, 0 values of optimizer state; 129,720 bytes");
    }

    @Test
    void aSummaryShowsWhoseCodeComputesEachLayer() {
        String table = Cli.run("summary", "--kernels", "--conf", "lenet-bn", "train.batch-size=9", "train.shards=2")
                .expectDone()
                .out();
        assertThat(table)
                .containsPattern(
                        "(?m)^ +0 +ConvolutionLayer +FastConvolution +unfolded \\+ bias, no input gradient +1 +1$")
                .containsPattern("(?m)^ +1 +BatchNormalization +FastBatchNorm .* 1 +1$")
                .endsWith("one gradient of 5 examples: 0 layers left to DL4J, 0 passes of ours handed to DL4J's code"
                        + System.lineSeparator());
    }
}
