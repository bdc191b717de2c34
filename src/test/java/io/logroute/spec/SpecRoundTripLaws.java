package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Golden;
import io.logroute.Seeds;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Writing and reading are each other's inverse, and what is written is always the same.
class SpecRoundTripLaws {
    @Test
    void what_is_written_reads_as_what_it_was() {
        for (int seed : Seeds.upTo(500)) {
            var document = new AnyDocument(seed).any();
            var text = SpecWriter.write(document);
            var read = SpecReader.read("seed " + seed, text);
            assertThat(read.problems()).as("seed %d:%n%s", seed, text).isEmpty();
            var again = read.orElse(problems -> List.of()).getFirst().document();
            assertThat(again).as("seed %d:%n%s", seed, text).isEqualTo(document);
            assertThat(SpecWriter.write(again)).as("seed %d", seed).isEqualTo(text);
        }
    }

    @Test
    void what_is_written_in_brief_reads_as_what_it_was_and_is_not_longer() {
        for (int seed : Seeds.upTo(500)) {
            var document = new AnyDocument(seed).any();
            var text = SpecWriter.brief(document);
            var read = SpecReader.read("seed " + seed, text);
            assertThat(read.problems()).as("seed %d:%n%s", seed, text).isEmpty();
            assertThat(read.orElse(problems -> List.of()).getFirst().document())
                    .as("seed %d:%n%s", seed, text)
                    .isEqualTo(document);
            assertThat(text.length())
                    .isLessThanOrEqualTo(SpecWriter.write(document).length());
        }
    }

    @Test
    void a_full_router_is_written_as_people_know_it() throws IOException {
        var tls = new ServerTls(
                Path.of("/run/secrets/server.crt"),
                Path.of("/run/secrets/server.key"),
                Optional.of(Path.of("/run/secrets/ca.crt")));
        Golden.sameAsGolden(
                "router.yaml",
                SpecWriter.write(new LogRouter(
                        new Name("core"),
                        List.of(
                                new SourceSpec.Beats("0.0.0.0", 5044, 1000, Duration.ofSeconds(60), Optional.of(tls)),
                                new SourceSpec.Http(
                                        "127.0.0.1", 8088, "/logs", ByteSize.parse("16MiB"), Optional.empty(), false),
                                new SourceSpec.Demo(20)),
                        BufferSpec.onDisk(ByteSize.parse("8GiB"), BufferSpec.WhenFull.BLOCK),
                        LogRouter.Acknowledge.STORED,
                        Optional.of(new DeploySpec(
                                2,
                                false,
                                List.of("node.labels.amp.type.core == true"),
                                List.of("core", "monit"),
                                List.of("logstash"),
                                List.of(5044),
                                DeploySpec.Rollout.RESTART,
                                new DeploySpec.Volume("local", Map.of("type", "tmpfs")),
                                DeploySpec.Volumes.DELETE,
                                Duration.ofMinutes(10),
                                Optional.empty(),
                                new DeploySpec.Resources(Optional.of(ByteSize.parse("512MiB")), Optional.of("1.5")),
                                List.of("es-ca"),
                                Optional.of("logroute:1.0.0"),
                                Map.of("io.amp.role", "infrastructure"),
                                Map.of("LOGROUTE_JAVA_OPTS", "-Xmx300m"))))));
    }

    @Test
    void a_full_sink_is_written_as_people_know_it() throws IOException {
        Golden.sameAsGolden(
                "sink.yaml",
                SpecWriter.write(new LogSink(
                        new Name("es"),
                        new SinkSpec.Elasticsearch(
                                List.of(URI.create("https://es1:9200"), URI.create("https://es2:9200")),
                                FieldTemplate.parse("ampbeat-%{+yyyy.MM.dd}"),
                                Optional.of(new Name("ampbeat")),
                                Optional.of(new SinkSpec.Auth(
                                        Optional.of("logroute"),
                                        Optional.of(Path.of("/run/secrets/es-password")),
                                        Optional.empty())),
                                Optional.of(new ClientTls(
                                        Optional.of(Path.of("/run/secrets/ca.crt")),
                                        Optional.empty(),
                                        Optional.empty(),
                                        true)),
                                DocumentIds.parse("%{container_id}-%{time_id}"),
                                new SinkSpec.Bulk(2000, ByteSize.parse("5MiB"), Duration.ofMillis(200), 4),
                                true),
                        Optional.of(MaxLag.parse("2h")),
                        Optional.of(BufferSpec.WhenFull.DROP_OLDEST),
                        DeadLettersSpec.USUAL,
                        Optional.of(new LogSink.Allow(List.of(new Glob("shop"), new Glob("team-*")))))));
    }

    @Test
    void a_full_route_is_written_as_people_know_it() throws IOException {
        var values = new LinkedHashMap<FieldPath, FieldValue>();
        values.put(FieldPath.parse("env"), new FieldValue.Text(FieldTemplate.parse("%{stack_name}-prod")));
        values.put(FieldPath.parse("answer"), new FieldValue.Whole(42));
        values.put(FieldPath.parse("[a.b][c]"), new FieldValue.Decimal(1.5));
        values.put(FieldPath.parse("seen"), new FieldValue.Truth(true));
        Golden.sameAsGolden(
                "route.yaml",
                SpecWriter.write(new LogRoute(
                        new Name("shop-errors"),
                        new Name("core"),
                        new LogRoute.Match(
                                List.of(new Glob("shop_*")),
                                List.of(new Glob("shop")),
                                Map.of(FieldPath.parse("level"), List.of(new Glob("error"), new Glob("fatal"))),
                                Optional.of(new When("event.status >= 500"))),
                        false,
                        List.of(
                                new FilterSpec.Parse(
                                        new ParseSpec.Json(
                                                Optional.of(FieldPath.parse("msg")),
                                                Optional.of(FieldPath.parse("payload"))),
                                        FilterSpec.OnFailure.TAG,
                                        Optional.empty()),
                                new FilterSpec.Set(values, Optional.empty()),
                                new FilterSpec.Remove(List.of(FieldPath.parse("labels")), Optional.empty()),
                                new FilterSpec.Drop(Optional.of(new When("event.path == \"/healthz\"")))),
                        List.of(
                                new LogRoute.Target(
                                        new Name("es"), Optional.of(FieldTemplate.parse("shop-errors-%{+yyyy.MM.dd}"))),
                                new LogRoute.Target(new Name("archive"), Optional.empty())))));
    }
}
