package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.ExitCode;
import java.io.PrintWriter;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
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
            SummaryCommand.class,
            CourseCommand.class,
            ReportCommand.class
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

    /** @return the exit code */
    public static int run(String... args) {
        LockstepCommand root = new LockstepCommand();
        CommandLine command = new CommandLine(root);
        for (Extra extra : ServiceLoader.load(Extra.class)) {
            command.addSubcommand(extra);
        }
        command.setExecutionExceptionHandler((thrown, line, parsed) -> root.failed(thrown));
        command.setParameterExceptionHandler((thrown, arguments) -> {
            List<String> near =
                    thrown instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
            CommandLine line = thrown.getCommandLine();
            line.getErr()
                    .println("lockstep: " + thrown.getMessage()
                            + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?") + "; see "
                            + line.getCommandSpec().qualifiedName() + " -h");
            return ExitCode.USAGE;
        });
        try {
            return command.execute(args);
        } catch (Error e) { // picocli handles exceptions; Hadoop says with an error that a disk is full
            return root.failed(e);
        }
    }

    /** What the user typed. */
    static String typed(CommandSpec spec) {
        return "lockstep "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
    }

    private int failed(Throwable thrown) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("lockstep: " + ExitCode.message(thrown));
        if (debug) {
            thrown.printStackTrace(err);
        }
        return ExitCode.of(thrown);
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
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
