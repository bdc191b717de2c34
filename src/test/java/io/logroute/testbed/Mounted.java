package io.logroute.testbed;

import io.logroute.plan.Declared;
import io.logroute.plan.swarm.Packed;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/// Mounts a pipeline as the controller does, for `./dev bench drain`.
final class Mounted {
    private Mounted() {}

    /// @param args a spec file, the name of a router in it, and the folder to write its pipeline into; the
    ///     revision comes out
    public static void main(String... args) throws IOException {
        var specs = Path.of(args[0]);
        var text = Files.readString(specs);
        var declared = Declared.of(SpecReader.documents(specs.toString(), text), Declared.NOTHING, Set.of());
        var pipeline = declared.pipeline(args[1])
                .orElseThrow(
                        () -> new IllegalArgumentException(declared.problems().toString()));
        var folder = Files.createDirectories(Path.of(args[2]));
        for (var part : Packed.of(pipeline.text(), 500_000).parts()) {
            Files.write(folder.resolve(part.name()), part.bytes());
        }
        System.out.println(pipeline.revision().hash());
    }
}
