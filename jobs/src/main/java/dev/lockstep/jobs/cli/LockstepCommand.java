package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.worker.settings.JvmSettings;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code lockstep}: finds the command, runs it, and turns whatever went wrong into one line and an exit code. */
@Command(
        name = "lockstep",
        description = "Trains neural networks on Apache Spark: same configuration and data, same bits, on any cluster.",
        mixinStandardHelpOptions = true,
        versionProvider = LockstepCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TrainCommand.class,
            SweepCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            GenerateCommand.class,
            VectorsCommand.class,
            ExportCommand.class,
            ImportCommand.class,
            QuantiseCommand.class,
            SummaryCommand.class,
            CourseCommand.class,
            RlCommand.class,
            ReportCommand.class,
            CompareCommand.class,
            WatchCommand.class,
            GenerateCompletion.class,
            ManPageCommand.class
        })
public final class LockstepCommand implements Callable<Integer> {

    /** A command that is not in the assembly but may be on the class path (bench). */
    public interface Extra extends Callable<Integer> {}

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show where an error comes from (its stack trace).")
    private boolean debug;

    private boolean explained;

    /** @return the exit code; whoever gets one other than 0 finds a line about it on stderr */
    public static int run(String... args) {
        return run(() -> {}, args);
    }

    /**
     * The same.
     *
     * @param before done before a command is; not for those who only want help
     */
    public static int run(Runnable before, String... args) {
        return run(ServiceLoader.load(Extra.class), before, args);
    }

    static int run(Iterable<? extends Extra> extras, Runnable before, String... args) {
        LockstepCommand root = new LockstepCommand();
        CommandLine command = new CommandLine(root);
        extras.forEach(command::addSubcommand);
        command.setExecutionStrategy(parsed -> {
            Integer helped = CommandLine.executeHelpRequest(parsed);
            if (helped != null) {
                return helped;
            }
            before.run();
            return new CommandLine.RunLast().execute(parsed);
        });
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.setExecutionExceptionHandler((thrown, line, parsed) -> root.failed(thrown));
        command.setParameterExceptionHandler((thrown, arguments) -> {
            List<String> near =
                    thrown instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
            CommandLine line = thrown.getCommandLine();
            return root.explained(
                    ExitCode.USAGE,
                    thrown.getMessage() + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?")
                            + "; see " + line.getCommandSpec().qualifiedName() + " -h");
        });
        int exitCode;
        try {
            exitCode = command.execute(args);
        } catch (Error e) { // picocli handles exceptions; Hadoop says with an error that a disk is full
            exitCode = root.failed(e);
        }
        // Who was interrupted was told so when the signal came.
        boolean silent = exitCode != ExitCode.DONE && exitCode != ExitCode.INTERRUPTED && !root.explained;
        return silent
                ? root.explained(
                        exitCode, "ended with exit code " + exitCode + " and did not say why: that is a fault of ours")
                : exitCode;
    }

    /** Ends a command with a code other than 0, and with the line that says why. */
    static int ended(CommandSpec spec, int exitCode, String why) {
        return ((LockstepCommand) spec.root().userObject()).explained(exitCode, why);
    }

    private int explained(int exitCode, String why) {
        spec.commandLine().getErr().println("lockstep: " + why);
        explained = true;
        return exitCode;
    }

    /** A command that begins with {@code lockstep}, as it is to be typed here. */
    static String here(String command) {
        return JvmSettings.program()
                .map(program -> program + command.substring("lockstep".length()))
                .orElse(command);
    }

    /** What the user typed. */
    static String typed(CommandSpec spec) {
        return "lockstep "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
    }

    private int failed(Throwable thrown) {
        int exitCode = explained(ExitCode.of(thrown), ExitCode.message(thrown));
        if (debug) {
            thrown.printStackTrace(spec.commandLine().getErr());
        }
        return exitCode;
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        explained = true;
        return ExitCode.USAGE;
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements IVersionProvider {
        static String text() {
            String version = LockstepCommand.class.getPackage().getImplementationVersion();
            return version == null ? "development" : version;
        }

        @Override
        public String[] getVersion() {
            return new String[] {"lockstep " + text()};
        }
    }
}
