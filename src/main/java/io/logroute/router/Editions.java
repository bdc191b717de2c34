package io.logroute.router;

import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.plan.swarm.Packed;
import io.logroute.spec.Located;
import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Reads [Edition]s: from the folder that they are mounted in, and into the pipelines that they are.
public final class Editions {
    private static final int MOST_FILES = 1_000;

    private Editions() {}

    /// The edition in that folder: its files, by name, are the parts of one text.
    public static Read<Edition> mounted(Path folder, String revision, long generation) {
        byte[] content;
        try {
            content = content(folder);
        } catch (IOException e) {
            return bad(
                    folder.toString(),
                    "the mounted pipeline cannot be read: " + e.getMessage(),
                    "Mount its Docker configs there, or name another folder with --pipeline.");
        }
        if (content.length == 0) {
            return bad(
                    folder.toString(),
                    "no pipeline is mounted there",
                    "Mount its Docker configs there, or name another folder with --pipeline.");
        }
        return switch (Packed.text(content)) {
            case Read.Bad<String>(var problems) -> new Read.Bad<>(problems);
            case Read.Good<String>(var text) -> new Read.Good<>(new Edition(text, revision, generation));
        };
    }

    private static byte[] content(Path folder) throws IOException {
        var all = new ByteArrayOutputStream();
        if (!Files.exists(folder)) {
            return all.toByteArray();
        }
        List<Path> files;
        try (var entries = Files.list(folder)) {
            // Names that begin with a dot are of editors and mounts, and no parts.
            files = entries.filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .limit(MOST_FILES)
                    .toList();
        }
        for (var file : files) {
            try (var in = Files.newInputStream(file)) {
                all.writeBytes(in.readNBytes(Packed.LARGEST_TEXT + 1 - all.size()));
            }
        }
        return all.toByteArray();
    }

    /// The pipeline that an edition is: one, of that router, whose content has that name.
    ///
    /// @param where what problems are told of
    /// @param templates names of the index templates that there are
    static Read<PipelineDefinition> pipeline(String where, Edition edition, String router, Set<String> templates) {
        var declared = Declared.of(documents(where, edition.text()), Declared.NOTHING, templates);
        var pipelines = declared.pipelines();
        if (pipelines.size() != 1) {
            return declared.problems().isEmpty()
                    ? bad(
                            where,
                            "it holds %d pipelines".formatted(pipelines.size()),
                            "A router runs exactly one; give it the text of that.")
                    : new Read.Bad<>(declared.problems());
        }
        var pipeline = pipelines.getFirst();
        if (!pipeline.name().equals(router)) {
            return bad(
                    where,
                    "it is the pipeline of router %s, and this is router %s".formatted(pipeline.name(), router),
                    "Give each router its own.");
        }
        if (!pipeline.revision().hash().equals(edition.revision())) {
            // A document with problems is left out, and so the name of what is left is another.
            return declared.problems().isEmpty()
                    ? bad(
                            where,
                            "its content is revision %s, and not %s as was said"
                                    .formatted(pipeline.revision(), edition.revision()),
                            "Look whether a part is missing, or written by another version of LogRoute.")
                    : new Read.Bad<>(declared.problems());
        }
        return new Read.Good<>(pipeline);
    }

    /// One by one: what the reader takes at once is less than a pipeline may have.
    private static Reading documents(String where, String text) {
        var documents = split(text);
        var good = new ArrayList<Located>();
        var broken = new ArrayList<Reading.Broken>();
        for (int i = 0; i < documents.size(); i++) {
            var file = documents.size() == 1 ? where : "%s, document %d".formatted(where, i + 1);
            var one = SpecReader.documents(file, documents.get(i));
            good.addAll(one.documents());
            broken.addAll(one.broken());
        }
        return new Reading(good, broken);
    }

    private static List<String> split(String text) {
        var documents = new ArrayList<String>();
        int from = 0;
        for (int end = text.indexOf("\n---\n"); end >= 0; end = text.indexOf("\n---\n", from)) {
            documents.add(text.substring(from, end + 1));
            from = end + "\n---\n".length();
        }
        documents.add(text.substring(from));
        return documents;
    }

    private static <T> Read<T> bad(String where, String what, String mend) {
        return new Read.Bad<>(List.of(new Problem(where, what, mend)));
    }
}
