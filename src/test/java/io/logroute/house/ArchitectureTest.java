package io.logroute.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every arrow of the drawing of the design is a row of the table under it, and each row names tests
/// that there are.
class ArchitectureTest {
    private static final Path PAGE = Path.of("docs/guide/architecture.md");

    private static final Pattern DRAWING = Pattern.compile("(?ms)^```\\n(.*?)^```$");
    private static final Pattern ARROW = Pattern.compile("\\((\\d+)\\)");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\|.*\\| ([^|]*) \\|$");
    private static final Pattern NAMED = Pattern.compile("`(\\w+)(?:#(\\w+))?`");

    @Test
    void every_arrow_is_a_row_and_every_row_names_tests_that_there_are() throws IOException {
        assertThat(faults(Files.readString(PAGE))).isEmpty();
    }

    @Test
    void the_drawing_reads_in_any_terminal() throws IOException {
        assertThat(drawing(Files.readString(PAGE)).lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).matches("[ -~]{0,100}").doesNotEndWith(" "));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "an arrow without a row; (1)-->; | 2 | a -> b | x | `DocsTest#there_are_blocks` |; arrow 1 has no row",
                "a row without an arrow; (1)-->; | 2 | a -> b | x | `DocsTest#there_are_blocks` |; row 2 has no arrow",
                "a row without a test; (1)-->; | 1 | a -> b | x | by hand |; row 1 names no test",
                "a class that is not there; (1)-->; | 1 | a -> b | x | `NoneIT#runs` |; row 1: there is no NoneIT",
                "a test that is not there; (1)-->; | 1 | a -> b | x | `DocsTest#nothing` |; row 1: DocsTest has no test nothing",
                "a method that is no test; (1)-->; | 1 | a -> b | x | `DocsTest#pages` |; row 1: DocsTest has no test pages"
            })
    void a_fault_is_found(String why, String drawing, String row, String fault) throws IOException {
        assertThat(faults("```\n" + drawing + "\n```\n\n" + row + "\n")).contains(fault);
    }

    private static List<String> faults(String page) throws IOException {
        var arrows = numbers(ARROW.matcher(drawing(page)).results());
        var rows = ROW.matcher(page).results().toList();
        var rowsOf = numbers(rows.stream());
        var faults = new ArrayList<String>();
        arrows.stream()
                .filter(each -> !rowsOf.contains(each))
                .forEach(each -> faults.add("arrow %d has no row".formatted(each)));
        rowsOf.stream()
                .filter(each -> !arrows.contains(each))
                .forEach(each -> faults.add("row %d has no arrow".formatted(each)));
        for (var row : rows) {
            var named = NAMED.matcher(row.group(2)).results().toList();
            if (named.isEmpty()) {
                faults.add("row %s names no test".formatted(row.group(1)));
            }
            for (var each : named) {
                missing(each.group(1), Optional.ofNullable(each.group(2)))
                        .ifPresent(fault -> faults.add("row %s: %s".formatted(row.group(1), fault)));
            }
        }
        return faults;
    }

    private static String drawing(String page) {
        var drawing = DRAWING.matcher(page);
        assertThat(drawing.find()).as("there is a drawing").isTrue();
        return drawing.group(1);
    }

    private static Set<Integer> numbers(Stream<MatchResult> found) {
        var numbers = new TreeSet<Integer>();
        found.forEach(each -> numbers.add(Integer.valueOf(each.group(1))));
        return numbers;
    }

    private static Optional<String> missing(String name, Optional<String> method) throws IOException {
        var type = type(name);
        if (type.isEmpty()) {
            return Optional.of("there is no " + name);
        }
        var tests = tests(type.get());
        if (method.isEmpty() ? tests.isEmpty() : !tests.contains(method.get())) {
            return Optional.of("%s has no test %s".formatted(name, method.orElse("at all")));
        }
        return Optional.empty();
    }

    private static Optional<Class<?>> type(String name) throws IOException {
        var root = Path.of("src/test/java");
        try (var files = Files.walk(root)) {
            var file = files.filter(each -> each.endsWith(name + ".java")).findFirst();
            if (file.isEmpty()) {
                return Optional.empty();
            }
            var path = root.relativize(file.get()).toString();
            var full = path.substring(0, path.length() - ".java".length()).replace('/', '.');
            return Optional.of(Class.forName(full, false, ArchitectureTest.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /// Its own, and those that it has from others.
    private static Set<String> tests(Class<?> type) {
        var names = new TreeSet<String>();
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            Arrays.stream(each.getDeclaredMethods())
                    .filter(ArchitectureTest::isTest)
                    .forEach(method -> names.add(method.getName()));
        }
        return names;
    }

    private static boolean isTest(Method method) {
        return method.isAnnotationPresent(Test.class)
                || method.isAnnotationPresent(TestFactory.class)
                || Arrays.stream(method.getAnnotations())
                        .map(Annotation::annotationType)
                        .anyMatch(type -> type.isAnnotationPresent(TestTemplate.class));
    }
}
