package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What the alerts say to type can be typed.
class AlertsTest {
    private static final Pattern COMMAND =
            Pattern.compile("\\blogroute ([a-z-]+(?: ls| verify| replay)?(?: --[a-z]+ (?:\\{\\{[^}]*}}|[^\\s;.,]+))*)");

    @TestFactory
    Stream<DynamicTest> every_command_in_an_alert_is_one() throws IOException {
        var text = Files.readString(Path.of("deploy/monitoring/logroute.rules.yml"))
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(String::strip)
                .reduce("", (all, line) -> all + " " + line);
        var commands = COMMAND.matcher(text)
                .results()
                .map(found -> found.group(1).replaceAll("\\{\\{[^}]*}}", "core"))
                .distinct()
                .toList();
        assertThat(commands).contains("status", "volumes", "dlq ls --router core", "buffer verify --data /data");
        return commands.stream()
                .map(command -> DynamicTest.dynamicTest(command, () -> {
                    var words = Stream.concat(Arrays.stream(command.split(" ")), Stream.of("--help"))
                            .toArray(String[]::new);
                    var said = Said.by((_, _, _) -> 0, false, words);
                    assertThat(List.of(said.code(), said.err())).isEqualTo(List.of(0, ""));
                }));
    }
}
