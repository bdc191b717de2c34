package io.logroute.face;

import io.logroute.control.SpecFiles;
import io.logroute.plan.Declared;
import io.logroute.router.Foresight;
import io.logroute.router.Trial;
import io.logroute.spec.Glob;
import io.logroute.spec.Located;
import io.logroute.spec.LogRoute;
import io.logroute.spec.LogRouteTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "test",
        description = {
            "Runs the tests of routes (LogRouteTest) by the code that routers run; nothing is sent.",
            "",
            "A test gives events, and says what comes of them along its route."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every test holds",
            "1:tests fail, or there are problems in the specs",
            "2:wrong usage, there is no test, or the report cannot be written"
        })
final class TestCommand extends Verb {
    @Parameters(paramLabel = "PATH", arity = "1..*", description = "Spec files, or folders with some.")
    private List<Path> paths = List.of();

    @Option(
            names = "--only",
            paramLabel = "NAME",
            description = "Only tests of that name, or of the route of that name; * and ? stand for others. May be"
                    + " written several times.")
    private List<String> only = List.of();

    @Option(names = "--junit", paramLabel = "FILE", description = "Write a report there too, as JUnit XML.")
    private Optional<Path> junit = Optional.empty();

    private final Supplier<Foresight> foresight;
    private final boolean colour;

    TestCommand(Supplier<Foresight> foresight, boolean colour) {
        this.foresight = foresight;
        this.colour = colour;
    }

    @Override
    public Integer call() {
        if (only.stream().anyMatch(String::isBlank)) {
            return cannot("--only is empty; write the name of a test or a route");
        }
        var declared = Declared.of(
                SpecFiles.once(paths).read(), Declared.NOTHING, foresight.get().templates());
        var problems = ProblemView.of(declared.problems());
        var all = declared.all(LogRouteTest.class);
        var chosen = all.stream().filter(this::isAsked).toList();
        if (chosen.isEmpty() && !all.isEmpty()) {
            return cannot("no test is meant by --only %s; there are: %s"
                    .formatted(
                            String.join(" --only ", only),
                            all.stream()
                                    .map(each -> each.document().name().value())
                                    .collect(Collectors.joining(", "))));
        }
        if (chosen.isEmpty() && problems.isEmpty()) {
            return cannot("there is no test; write a LogRouteTest, as docs/guide/check-and-test.md shows");
        }
        var ran = chosen.stream()
                .map(each -> ran(each, declared))
                .sorted(java.util.Comparator.comparing(Ran::route).thenComparing(Ran::name))
                .toList();
        if (junit.isPresent()) {
            try {
                Files.writeString(junit.get(), JUnitReport.of(ran));
            } catch (IOException e) {
                return cannot("--junit: %s cannot be written (%s); name a file in a folder that is there"
                        .formatted(junit.get(), e.getMessage()));
            }
        }
        tell(ran, problems, declared);
        return problems.isEmpty() && ran.stream().allMatch(Ran::holds) ? Commands.GOOD : Commands.FOUND;
    }

    private boolean isAsked(Located located) {
        var test = (LogRouteTest) located.document();
        return only.isEmpty()
                || only.stream()
                        .map(Glob::new)
                        .anyMatch(name -> name.matches(test.name().value())
                                || name.matches(test.route().value()));
    }

    /// A test that was run, or could not be.
    ///
    /// @param where its place
    /// @param cannot why it could not be run
    record Ran(
            String name,
            String route,
            Located where,
            List<Trial.Difference> differences,
            Optional<String> cannot,
            Duration took) {
        boolean holds() {
            return differences.isEmpty() && cannot.isEmpty();
        }

        String outcome() {
            return cannot.isPresent() ? "error" : differences.isEmpty() ? "passed" : "failed";
        }

        /// Where a difference was expected otherwise.
        String place(Trial.Difference difference) {
            return where.where(
                    difference.entry().map("spec.expect[%d]"::formatted).orElse("spec.expect"));
        }
    }

    private Ran ran(Located located, Declared declared) {
        var test = (LogRouteTest) located.document();
        long from = System.nanoTime();
        var pipeline = declared.pipelines().stream()
                .filter(each ->
                        each.routes().stream().anyMatch(route -> route.name().equals(test.route())))
                .findFirst();
        List<Trial.Difference> differences = List.of();
        Optional<String> cannot = Optional.empty();
        if (pipeline.isEmpty()) {
            cannot = Optional.of("route %s cannot run; see the problems".formatted(test.route()));
        } else {
            try {
                differences = foresight.get().trial(pipeline.get(), test).differences();
            } catch (IOException e) {
                cannot = Optional.of("a filter of route %s cannot be made: %s".formatted(test.route(), e.getMessage()));
            }
        }
        return new Ran(
                test.name().value(),
                test.route().value(),
                located,
                differences,
                cannot,
                Duration.ofNanos(System.nanoTime() - from));
    }

    private void tell(List<Ran> ran, List<ProblemView> problems, Declared declared) {
        var routes = declared.all(LogRoute.class).stream()
                .map(each -> each.document().name().value())
                .toList();
        var tested = declared.all(LogRouteTest.class).stream()
                .map(each -> ((LogRouteTest) each.document()).route().value())
                .collect(Collectors.toSet());
        var untested = routes.stream().filter(route -> !tested.contains(route)).toList();
        if (json()) {
            out().println(written(tree(ran, problems, routes.size(), untested)));
            return;
        }
        var ink = new Ink(colour);
        Findings.print(problems, ink, out());
        var route = "";
        for (var each : ran) {
            if (!each.route().equals(route)) {
                route = each.route();
                out().println(ink.bold(route));
            }
            print(each, ink);
        }
        out().println();
        out().println(counts(ran, problems, ink));
        out().println("%d of %s tests%s"
                .formatted(
                        routes.size() - untested.size(),
                        Sizes.count(routes.size(), "route") + (routes.size() == 1 ? " has" : " have"),
                        untested.isEmpty() ? "" : "; these have none: " + String.join(", ", untested)));
    }

    private void print(Ran ran, Ink ink) {
        if (ran.holds()) {
            out().println("  %s %s".formatted(ink.green("ok   "), ran.name()));
            return;
        }
        out().println("  %s %s".formatted(ink.red(ran.cannot().isPresent() ? "error" : "FAIL "), ink.bold(ran.name())));
        ran.cannot().ifPresent(why -> out().println("        " + Ink.plain(why)));
        for (var difference : ran.differences()) {
            out().println("        %s  (%s)".formatted(ink.red(difference.what()), Ink.plain(ran.place(difference))));
            difference.details().forEach(line -> out().println("          " + Ink.plain(line)));
        }
    }

    private static String counts(List<Ran> ran, List<ProblemView> problems, Ink ink) {
        long failed =
                ran.stream().filter(each -> each.outcome().equals("failed")).count();
        long errors =
                ran.stream().filter(each -> each.outcome().equals("error")).count();
        var text = "%s: %d passed, %d failed%s%s"
                .formatted(
                        Sizes.count(ran.size(), "test"),
                        ran.size() - failed - errors,
                        failed,
                        errors == 0 ? "" : ", %d could not be run".formatted(errors),
                        problems.isEmpty() ? "" : "; " + Sizes.count(problems.size(), "problem") + " in the specs");
        return failed + errors == 0 && problems.isEmpty() ? ink.green(text) : ink.red(text);
    }

    private static Map<String, @Nullable Object> tree(
            List<Ran> ran, List<ProblemView> problems, int routes, List<String> untested) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("good", problems.isEmpty() && ran.stream().allMatch(Ran::holds));
        tree.put("passed", count(ran, "passed"));
        tree.put("failed", count(ran, "failed"));
        tree.put("errors", count(ran, "error"));
        var tests = new ArrayList<Map<String, @Nullable Object>>();
        for (var each : ran) {
            var test = new LinkedHashMap<String, @Nullable Object>();
            test.put("name", each.name());
            test.put("route", each.route());
            test.put("where", each.where().where("metadata.name"));
            test.put("outcome", each.outcome());
            each.cannot().ifPresent(why -> test.put("why", why));
            test.put(
                    "differences",
                    each.differences().stream()
                            .map(difference -> difference(each, difference))
                            .toList());
            tests.add(test);
        }
        tree.put("tests", tests);
        tree.put("routes", routes);
        tree.put("routesWithoutTests", untested);
        tree.put("problems", problems.stream().map(ProblemView::tree).toList());
        return tree;
    }

    private static Map<String, @Nullable Object> difference(Ran ran, Trial.Difference difference) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("where", ran.place(difference));
        tree.put("sink", difference.sink());
        tree.put("what", difference.what());
        tree.put("details", difference.details());
        return tree;
    }

    private static long count(List<Ran> ran, String outcome) {
        return ran.stream().filter(each -> each.outcome().equals(outcome)).count();
    }
}
