package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.ExitCode;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** The manual page, made of what the commands say of themselves. */
@Command(
        name = "generate-man-page",
        description = "Writes a manual page: lockstep generate-man-page | man -l -",
        mixinStandardHelpOptions = true)
final class ManPageCommand implements Callable<Integer> {
    private static final List<String> CODES = List.of(
            "0 done",
            "1 a fault of ours",
            "2 usage or configuration",
            "3 data",
            "4 training diverged",
            "5 checkpoint or model file",
            "130 interrupted");

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        System.out.print(page(spec.root()));
        return ExitCode.DONE;
    }

    /** In roff, by the macros of man(7). */
    static String page(CommandSpec root) {
        StringBuilder page = new StringBuilder();
        line(
                page,
                ".TH LOCKSTEP 1 \"\" \"" + text("lockstep " + LockstepCommand.Version.text()) + "\" \"User Commands\"");
        line(page, ".SH NAME");
        line(page, "lockstep \\- " + text(description(root)));
        line(page, ".SH SYNOPSIS");
        line(page, ".B lockstep");
        line(page, ".I COMMAND");
        line(page, text("[options] [key=value ...]"));
        line(page, ".SH COMMANDS");
        root.subcommands().forEach((name, command) -> command(page, name, command.getCommandSpec()));
        line(page, ".SH OPTIONS OF ALL COMMANDS");
        root.options().forEach(option -> argument(page, option));
        line(page, ".SH EXIT STATUS");
        for (String code : CODES) {
            line(page, ".TP");
            line(page, ".B " + code.substring(0, code.indexOf(' ')));
            line(page, text(code.substring(code.indexOf(' ') + 1)));
        }
        line(page, ".SH EXAMPLES");
        for (String example : List.of(
                "lockstep train",
                "lockstep train --conf lenet --out runs/first train.epochs=3",
                "lockstep course 2_4 --seeds 3")) {
            line(page, ".PP");
            line(page, ".B " + text(example));
        }
        return page.toString();
    }

    private static void command(StringBuilder page, String name, CommandSpec command) {
        line(page, ".SS " + text("lockstep " + name));
        line(page, text(description(command)));
        command.positionalParameters().stream()
                .filter(argument -> !argument.hidden())
                .forEach(argument -> argument(page, argument));
        command.options().stream()
                .filter(option -> !option.hidden() && !option.inherited() && !isHelp(option))
                .forEach(option -> argument(page, option));
    }

    private static boolean isHelp(OptionSpec option) {
        return option.usageHelp() || option.versionHelp();
    }

    private static void argument(StringBuilder page, ArgSpec argument) {
        String names = argument instanceof OptionSpec option ? String.join(", ", option.names()) : "";
        boolean takes = !(argument instanceof OptionSpec) || argument.arity().max() > 0;
        line(page, ".TP");
        line(page, ".B " + text((names + (takes ? " " + argument.paramLabel() : "")).strip()));
        line(page, text(String.join(" ", argument.renderedDescription())));
    }

    private static String description(CommandSpec command) {
        return String.join(" ", command.usageMessage().description());
    }

    /** What roff would take for its own is escaped; newlines end nothing here. */
    private static String text(String text) {
        String escaped = String.join(" ", Arrays.asList(text.split("\\s+")))
                .replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("\"", "\\(dq");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    private static void line(StringBuilder page, String line) {
        page.append(line).append('\n');
    }
}
