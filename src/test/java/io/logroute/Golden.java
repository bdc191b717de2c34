package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What we generate, as files that a reviewer can read. `-Dgolden.update=true` writes them.
public final class Golden {
    private Golden() {}

    public static void sameAsGolden(String name, String actual) throws IOException {
        var file = Path.of("src/test/resources/golden", name);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
        }
        assertThat(actual)
                .as("%s changed; if meant, run ./dev golden and read the difference", name)
                .isEqualTo(Files.readString(file));
    }
}
