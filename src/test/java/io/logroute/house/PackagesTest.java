package io.logroute.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every room says what it is for.
class PackagesTest {
    private static final Path DOOR = Path.of("src/main/java/io/logroute");

    @TestFactory
    Stream<DynamicTest> every_package_tells_what_it_is_for_and_its_one_rule() throws IOException {
        try (var walk = Files.walk(DOOR)) {
            var packages = walk.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .filter(folder -> !folder.equals(DOOR))
                    .distinct()
                    .toList();
            assertThat(packages).hasSizeGreaterThan(5);
            return packages.stream()
                    .map(folder -> DynamicTest.dynamicTest(folder.toString(), () -> {
                        var info = folder.resolve("package-info.java");
                        assertThat(info).exists();
                        var text = Files.readString(info);
                        assertThat(text).contains("@NullMarked");
                        assertThat(text.lines().filter(line -> line.startsWith("///")))
                                .as("lines of words")
                                .hasSizeBetween(3, 200);
                    }));
        }
    }
}
