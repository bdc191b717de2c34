package io.logroute.face;

import io.logroute.router.Foresight;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The commands of `logroute`.
public final class Commands {
    /// All is well.
    static final int GOOD = 0;
    /// The command did its work and found something that needs attention.
    static final int FOUND = 1;
    /// The command could not do its work: wrong usage, nothing answers, something cannot start.
    static final int CANNOT = 2;
    /// LogRoute is at fault.
    static final int BROKEN = 3;

    private final Runner runner;
    private final ControllerRunner controller;
    private final RouterRunner router;
    private final Supplier<Foresight> foresight;
    private final InputStream in;

    /// @param foresight checks specs; made only when needed
    public Commands(Runner runner, ControllerRunner controller, RouterRunner router, Supplier<Foresight> foresight) {
        this(runner, controller, router, foresight, System.in);
    }

    /// @param in what commands read that read their input
    Commands(
            Runner runner,
            ControllerRunner controller,
            RouterRunner router,
            Supplier<Foresight> foresight,
            InputStream in) {
        this.runner = runner;
        this.controller = controller;
        this.router = router;
        this.foresight = foresight;
        this.in = in;
    }

    /// Runs the command that the arguments name, on the streams of this process.
    ///
    /// @return the exit code
    public int execute(String... args) {
        // Not System.out, which keeps to itself why it could not write.
        var out = new Printing(new FileOutputStream(FileDescriptor.out));
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        return execute(out, err, takesColour(), args);
    }

    int execute(PrintWriter out, PrintWriter err, boolean colour, String... args) {
        var root = new CommandLine(new Root());
        var verbs = verbs(colour);
        if (args.length > 0 && verbs.containsKey(args[0])) {
            // Only the one that is asked for: making the others costs more than some of them do.
            root.addSubcommand(args[0], verbs.get(args[0]).get());
        } else if (args.length != 1 || !args[0].equals("--version")) {
            verbs.forEach((name, verb) -> root.addSubcommand(name, verb.get()));
        }
        root.setOut(out);
        root.setErr(err);
        root.setColorScheme(CommandLine.Help.defaultColorScheme(colour ? Ansi.ON : Ansi.OFF));
        root.setUsageHelpAutoWidth(false);
        root.setUsageHelpWidth(100);
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setParameterExceptionHandler((wrong, _) -> wrongUsage(wrong));
        root.setExecutionExceptionHandler((fault, command, _) -> {
            command.getErr()
                    .println("logroute %s: a fault of LogRoute's own; please report it with the lines below"
                            .formatted(command.getCommandName()));
            fault.printStackTrace(command.getErr());
            return BROKEN;
        });
        int code = root.execute(args);
        out.flush();
        err.flush();
        return code;
    }

    /// In the order of the usage.
    private Map<String, Supplier<Object>> verbs(boolean colour) {
        var verbs = new LinkedHashMap<String, Supplier<Object>>();
        verbs.put("run", () -> new RunCommand(runner));
        verbs.put("controller", () -> new ControllerCommand(controller));
        verbs.put("router", () -> new RouterCommand(router));
        verbs.put("validate", () -> new ValidateCommand(foresight, in, colour));
        verbs.put("explain", () -> new ExplainCommand(foresight, in, InstantSource.system(), colour));
        verbs.put("test", () -> new TestCommand(foresight, colour));
        verbs.put("labels", () -> new LabelsCommand(() -> foresight.get().templates(), colour));
        verbs.put("status", () -> new StatusCommand(colour));
        verbs.put("events", EventsCommand::new);
        verbs.put("plan", () -> new PlanCommand(in, colour));
        verbs.put("apply", () -> new ApplyCommand(in, colour));
        verbs.put("revisions", () -> RevisionsCommand.line(colour));
        verbs.put("pause", () -> new PauseCommand(colour));
        verbs.put("resume", () -> new ResumeCommand(colour));
        verbs.put("drain", () -> new DrainCommand(colour));
        verbs.put("uncordon", () -> new UncordonCommand(colour));
        verbs.put("volumes", () -> VolumesCommand.line(colour));
        verbs.put("forget", () -> new ForgetCommand(in, isTerminal(), colour));
        verbs.put("dlq", () -> DlqCommand.line(colour));
        verbs.put("buffer", () -> BufferCommand.line(colour));
        verbs.put("convert", () -> ConvertCommand.line(colour));
        verbs.put("volume-remove", VolumeRemoveCommand::new);
        verbs.put("completion", () -> new CompletionCommand(() -> everything(colour)));
        return verbs;
    }

    private CommandLine everything(boolean colour) {
        var root = new CommandLine(new Root());
        verbs(colour).forEach((name, verb) -> root.addSubcommand(name, verb.get()));
        return root;
    }

    private static int wrongUsage(ParameterException wrong) {
        var command = wrong.getCommandLine();
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + wrong.getMessage());
        UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
        command.getErr().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return CANNOT;
    }

    private static boolean takesColour() {
        if (System.getenv("NO_COLOR") instanceof String no && !no.isEmpty() || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        return isTerminal();
    }

    private static boolean isTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    /// `--help`, the same everywhere.
    static final class WithHelp {
        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this and exit.")
        private boolean help;
    }

    @Command(
            name = "logroute",
            description = "Takes logs in, makes them durable, and routes them to where they belong.",
            synopsisSubcommandLabel = "COMMAND",
            versionProvider = Version.class,
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:all is well",
                "1:the command found something that needs attention",
                "2:the command could not do its work: wrong usage, nothing answers, something cannot start",
                "3:LogRoute itself is at fault"
            },
            footer = {"", "Begin with: logroute run examples/quickstart", "More on a command: logroute COMMAND --help"})
    static final class Root implements Runnable {
        @Mixin
        private WithHelp help = new WithHelp();

        @Option(
                names = {"-V", "--version"},
                versionHelp = true,
                description = "Show the version and exit.")
        private boolean version;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            spec.commandLine().usage(spec.commandLine().getOut());
        }
    }

    /// What `--version` says.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"logroute " + number(), "Java " + Runtime.version()};
        }

        /// The version that the jar's manifest tells.
        static String number() {
            var version = Commands.class.getPackage().getImplementationVersion();
            return version == null ? "(not from a jar)" : version;
        }
    }
}
