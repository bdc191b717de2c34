package io.logroute.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import io.logroute.spec.Reading;
import io.logroute.spec.SpecReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// One broken document never disturbs another; order means nothing; the same content has the same
/// name.
class DeclaredLaws {
    /// A file of one document.
    record Written(String file, String kind, String name, String router, String text) {}

    @Test
    void whatever_is_broken_in_one_document_the_other_routers_run_as_without_it() {
        for (int seed : Seeds.upTo(500)) {
            var random = Seeds.random(seed);
            var files = some(random);
            var before = declared(files, Declared.NOTHING);
            var at = random.nextInt(files.size());
            var victim = files.get(at);
            var broken = new ArrayList<>(files);
            broken.set(
                    at,
                    new Written(victim.file(), victim.kind(), victim.name(), victim.router(), damage(random, victim)));
            var after = declared(broken, before);
            for (var pipeline : before.pipelines()) {
                if (!pipeline.name().equals(victim.router())) {
                    assertThat(after.pipeline(pipeline.name()))
                            .as("seed %d, %s", seed, broken.get(at))
                            .contains(pipeline);
                }
            }
        }
    }

    @Test
    void a_new_document_never_disturbs_the_routers_that_run() {
        for (int seed : Seeds.upTo(500)) {
            var random = Seeds.random(seed);
            var files = some(random);
            var before = declared(files, Declared.NOTHING);
            var more = new ArrayList<>(files);
            more.add(
                    switch (random.nextInt(4)) {
                        case 0 -> written("LogSink", "a-twin", "none", "{ file: { path: r0.ndjson } }");
                        case 1 ->
                            written("LogRoute", "a-thief", "stranger", "{ router: stranger, to: [disk0, disk1] }");
                        case 2 -> new Written("other.yaml", "LogRoute", "route0", "none", "&a {<<: *a}");
                        default ->
                            written(
                                    "LogSink",
                                    "a-sink",
                                    "none",
                                    "{ elasticsearch: { urls: 'http://a', index: a, template: none } }");
                    });
            more.add(written("LogRouter", "stranger", "stranger", "{ sources: demo }"));
            var after = declared(more, before);
            for (var pipeline : before.pipelines()) {
                assertThat(after.pipeline(pipeline.name()))
                        .as("seed %d, %s", seed, more)
                        .contains(pipeline);
            }
        }
    }

    @Test
    void the_order_of_files_and_documents_changes_nothing() {
        for (int seed : Seeds.upTo(300)) {
            var random = Seeds.random(seed);
            var files = new ArrayList<>(some(random));
            if (random.nextBoolean()) {
                var at = random.nextInt(files.size());
                var victim = files.get(at);
                files.set(
                        at,
                        new Written(
                                victim.file(), victim.kind(), victim.name(), victim.router(), damage(random, victim)));
            }
            if (random.nextBoolean()) {
                var twin = files.get(random.nextInt(files.size()));
                files.add(new Written("twin1.yaml", twin.kind(), twin.name(), twin.router(), twin.text()));
                files.add(new Written("twin2.yaml", twin.kind(), twin.name(), twin.router(), twin.text()));
            }
            var once = declared(files, Declared.NOTHING);
            Collections.shuffle(files, random);
            assertThat(declared(files, Declared.NOTHING)).as("seed %d", seed).isEqualTo(once);
        }
    }

    @Test
    void revisions_are_equal_when_and_only_when_the_content_is() {
        var all = new ArrayList<PipelineDefinition>();
        for (long seed = 0; seed < 20; seed++) {
            all.addAll(declared(some(Seeds.random(seed)), Declared.NOTHING).pipelines());
        }
        var revisions = all.stream().map(PipelineDefinition::revision).toList();
        int same = 0;
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < i; j++) {
                boolean equal = all.get(i).equals(all.get(j));
                assertThat(revisions.get(i).equals(revisions.get(j)))
                        .as("%s and %s", all.get(i), all.get(j))
                        .isEqualTo(equal);
                same += equal ? 1 : 0;
            }
        }
        assertThat(same).as("pairs that are equal").isPositive();
    }

    /// Routers, each with a sink for files and with routes of its own, and one sink that all share.
    private static List<Written> some(Random random) {
        var files = new ArrayList<Written>();
        files.add(written("LogSink", "shared", "shared", "{ console: {} }"));
        int routers = 2 + random.nextInt(3);
        for (int i = 0; i < routers; i++) {
            var router = "router" + i;
            files.add(written(
                    "LogRouter",
                    router,
                    router,
                    "{ sources: [{ beats: { port: %d } }] }".formatted(5000 + random.nextInt(2))));
            files.add(written("LogSink", "disk" + i, router, "{ file: { path: r%d.ndjson } }".formatted(i)));
            files.add(written(
                    "LogRoute",
                    "route" + i,
                    router,
                    "{ router: %s, to: [disk%d, shared], match: { service: s%d } }"
                            .formatted(router, i, random.nextInt(2))));
            if (random.nextBoolean()) {
                files.add(written(
                        "LogRoute", "more" + i, router, "{ router: %s, to: shared, default: true }".formatted(router)));
            }
        }
        return files;
    }

    private static Written written(String kind, String name, String router, String spec) {
        return new Written(
                name + ".yaml",
                kind,
                name,
                router,
                "apiVersion: logroute/v1\nkind: %s\nmetadata: { name: %s }\nspec: %s\n".formatted(kind, name, spec));
    }

    private static String damage(Random random, Written victim) {
        var text = victim.text();
        return switch (random.nextInt(7)) {
            case 0 -> text.replace("spec: {", "spec: { nonsense: 1,");
            case 1 -> "a: [";
            case 2 -> text.substring(0, random.nextInt(text.length() / 2)) + "\u0007";
            case 3 -> text.replace("kind: Log", "kind: Lag");
            case 4 -> text.replace("apiVersion: logroute/v1", "apiVersion: v9");
            case 5 ->
                text.replace("to: [disk", "to: [nowhere, disk").replace("{ file: { path: r", "{ file: { path: %{");
            default -> text + "---\n" + text;
        };
    }

    private static Declared declared(List<Written> files, Declared before) {
        var all = new Reading(List.of(), List.of());
        for (var file : files) {
            all = all.and(SpecReader.documents(file.file(), file.text()));
        }
        return Declared.of(all, before, Set.of("ampbeat"));
    }
}
