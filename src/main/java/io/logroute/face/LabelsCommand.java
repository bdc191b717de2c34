package io.logroute.face;

import io.logroute.control.SpecFiles;
import io.logroute.flow.Json;
import io.logroute.plan.Declared;
import io.logroute.spec.Labels;
import io.logroute.spec.Located;
import io.logroute.spec.Name;
import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecWriter;
import io.logroute.spec.StackFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "labels",
        description = {
            "Shows what the labels in stack files mean, as LogRoutes, and what is wrong with them.",
            "Variables in the files are taken from the environment, as docker stack deploy does."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all is good", "1:there are problems", "2:wrong usage"})
final class LabelsCommand implements Callable<Integer> {
    @Mixin
    private Commands.WithHelp help = new Commands.WithHelp();

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Stack files, or Compose files.")
    private List<Path> files = List.of();

    @Option(
            names = "--specs",
            paramLabel = "PATH",
            description =
                    "A spec file, or a folder with some: the routers and sinks that the labels are checked against."
                            + " May be given several times.")
    private List<Path> specs = List.of();

    @Option(
            names = "--stack",
            paramLabel = "NAME",
            description = "Name of the stack (default: name in the file, else the file's folder).")
    private @Nullable String stack;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private LabelsForm output = LabelsForm.TEXT;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Supplier<Set<String>> templates;
    private final boolean colour;

    LabelsCommand(Supplier<Set<String>> templates, boolean colour) {
        this.templates = templates;
        this.colour = colour;
    }

    /// What the files say.
    ///
    /// @param services those that have labels of ours
    /// @param routes what the labels mean
    private record Said(List<Labels.OfService> services, List<Located> routes, List<Problem> problems) {
        boolean good() {
            return problems.isEmpty();
        }

        /// `3 problems in 1 file`, or `2 services, 3 routes: all good`.
        String summary() {
            if (!good()) {
                long broken = problems.stream().map(Problem::file).distinct().count();
                return "%s in %s".formatted(Sizes.count(problems.size(), "problem"), Sizes.count(broken, "file"));
            }
            return services.isEmpty()
                    ? "no service has labels of logroute"
                    : "%s, %s: all good"
                            .formatted(Sizes.count(services.size(), "service"), Sizes.count(routes.size(), "route"));
        }
    }

    @Override
    public Integer call() {
        if (stack != null && !stack.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]*")) {
            throw new ParameterException(
                    spec.commandLine(), "--stack is \"%s\"; write letters, digits, _, . and -".formatted(stack));
        }
        var said = said();
        var out = spec.commandLine().getOut();
        switch (output) {
            case TEXT -> {
                yaml(said, out);
                problems(said, out);
            }
            case YAML -> {
                yaml(said, out);
                if (!said.good()) {
                    problems(said, spec.commandLine().getErr());
                }
            }
            case JSON -> out.println(Json.write(tree(said)));
        }
        return said.good() ? Commands.GOOD : Commands.FOUND;
    }

    private Said said() {
        var declared = specs.isEmpty()
                ? new Reading(List.of(), List.of())
                : SpecFiles.once(specs).read();
        var known = Labels.Known.of(declared);
        var services = new ArrayList<Labels.OfService>();
        var problems = new ArrayList<Problem>();
        for (var file : files) {
            switch (SpecFiles.text(file)) {
                case Read.Bad<String>(var wrong) -> problems.addAll(wrong);
                case Read.Good<String>(var text) -> {
                    var read = StackFile.read(
                            file.toString(), text, Optional.ofNullable(stack), folder(file), System::getenv);
                    services.addAll(read.services());
                    problems.addAll(read.problems());
                }
            }
        }
        var labels = services.stream()
                .map(service -> Labels.read(service, known))
                .reduce(new Reading(List.of(), List.of()), Reading::and);
        problems.addAll(
                specs.isEmpty()
                        ? Stream.concat(labels.problems().stream(), twice(labels))
                                .toList()
                        : Declared.of(declared.and(labels), Declared.NOTHING, templates.get())
                                .problems());
        return new Said(
                services,
                labels.documents(),
                problems.stream().distinct().sorted().toList());
    }

    private static String folder(Path file) {
        var folder = file.toAbsolutePath().normalize().getParent();
        return folder == null || folder.getFileName() == null
                ? ""
                : folder.getFileName().toString();
    }

    /// Without specs nobody else tells that two files say the same service.
    private static Stream<Problem> twice(Reading labels) {
        var byName = new TreeMap<Name, Located>();
        return labels.documents().stream().flatMap(route -> {
            var other = byName.putIfAbsent(route.document().name(), route);
            return other == null
                    ? Stream.empty()
                    : Stream.of(new Problem(
                            route.where("metadata.name"),
                            "LogRoute %s is declared twice"
                                    .formatted(route.document().name()),
                            "The other one is at %s; write the service in one file, or name the stacks with --stack."
                                    .formatted(other.where("metadata.name").replaceAll(": .*", ""))));
        });
    }

    private void yaml(Said said, PrintWriter out) {
        var ink = new Ink(colour && output == LabelsForm.TEXT);
        boolean first = true;
        for (var service : said.services()) {
            if (Labels.isOff(service) && output == LabelsForm.TEXT) {
                out.println(ink.bold(
                        "# service %s is off: logroute.enable is \"false\"".formatted(Ink.plain(service.service()))));
            }
        }
        for (var route : said.routes()) {
            if (!first) {
                out.println("---");
            }
            first = false;
            out.println(ink.bold("# labels of service %s, %s"
                    .formatted(
                            Ink.plain(route.labels().orElseThrow().service()),
                            Ink.plain(route.where("metadata.name").replaceAll(": .*", "")))));
            out.print(SpecWriter.brief(route.document()));
        }
        if (!first && output == LabelsForm.TEXT) {
            out.println();
        }
    }

    private void problems(Said said, PrintWriter out) {
        var ink = new Ink(colour);
        for (var problem : said.problems()) {
            out.println(ink.bold(Ink.plain(problem.where())));
            out.println(ink.red(Ink.plainLines(problem.what(), "  ")));
            if (!problem.mend().isEmpty()) {
                out.println(Ink.plainLines(problem.mend(), "  "));
            }
            out.println();
        }
        out.println(said.good() ? ink.green(said.summary()) : ink.red(said.summary()));
    }

    private static Map<String, @Nullable Object> tree(Said said) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("good", said.good());
        tree.put(
                "routes",
                said.routes().stream()
                        .map(route -> SpecWriter.tree(route.document()))
                        .toList());
        tree.put(
                "problems",
                said.problems().stream()
                        .map(problem -> {
                            var each = new LinkedHashMap<String, String>();
                            each.put("where", problem.where());
                            each.put("what", problem.what());
                            each.put("mend", problem.mend());
                            return each;
                        })
                        .toList());
        return tree;
    }
}
