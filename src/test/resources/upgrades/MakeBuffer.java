import com.sun.net.httpserver.HttpServer;
import io.logroute.plan.Declared;
import io.logroute.plan.PipelineDefinition;
import io.logroute.remote.LinkKey;
import io.logroute.remote.RouterLink;
import io.logroute.spec.SpecReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Has the router of any jar write a buffer, as README.md beside this tells:
///
///     java -cp logroute.jar MakeBuffer.java logroute.jar FOLDER
class MakeBuffer {
    static final int HTTP = 28088;
    static final int MANAGEMENT = 29600;
    static final int NEAR = 28091;
    static final int FAR = 28092;

    public static void main(String[] args) throws Exception {
        var jar = Path.of(args[0]).toAbsolutePath();
        var out = Files.createDirectories(Path.of(args[1]));
        var work = Files.createTempDirectory("make-buffer");
        var key = LinkKey.generate(new SecureRandom());
        Files.writeString(work.resolve("key"), key.secret());
        var specs = Files.readString(Path.of(args[1]).resolve("specs.yaml"));
        Files.writeString(out.resolve("canonical.yaml"), declared(specs).text());

        var mounted = pipeline("one");
        var pushed = pipeline("two");
        Files.writeString(out.resolve("mounted.yaml"), mounted.text());
        Files.writeString(out.resolve("accepted.yaml"), pushed.text());
        Files.createDirectories(work.resolve("pipeline"));
        Files.writeString(work.resolve("pipeline/pipeline.yaml"), mounted.text());
        try (var near = new Stub(NEAR, "none");
                var far = new Stub(FAR, "\"bad\":true");
                var link = new RouterLink(key, InstantSource.system())) {
            var router = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-jar", jar.toString(), "router",
                            "--pipeline", work.resolve("pipeline").toString(),
                            "--data", work.resolve("data").toString(),
                            "--host", "127.0.0.1", "--port", String.valueOf(MANAGEMENT),
                            "--router", "core", "--instance", "2",
                            "--revision", mounted.revision().hash(), "--generation", "5",
                            "--link-key-file", work.resolve("key").toString())
                    .inheritIO()
                    .start();
            try {
                var address = new RouterLink.Address("127.0.0.1", MANAGEMENT, "core-2");
                await(() -> link.report(address) instanceof RouterLink.Reported.Told);
                post(0, 100);
                await(() -> near.taken.get() == 100 && far.taken.get() == 99);
                var answer = link.push(address, pushed.text(), pushed.revision(), 6);
                if (!answer.equals(new RouterLink.Pushed.Taken(true))) {
                    throw new IllegalStateException(answer.toString());
                }
                post(100, 150);
                await(() -> near.taken.get() == 150 && far.taken.get() == 149);
                far.open = false;
                post(150, 300);
                await(() -> near.taken.get() == 300);
                near.open = false;
                post(300, 400);
                await(() -> link.report(address) instanceof RouterLink.Reported.Told(var report)
                        && report.sinks().stream().allMatch(sink -> sink.trouble().isPresent())
                        && report.sinks().stream().mapToLong(sink -> sink.lagEvents()).sum() == 350);
                TimeUnit.SECONDS.sleep(2); // places are saved four times a second
                if (link.ask(address, "GET", "/api/v1/report", new byte[0])
                        instanceof RouterLink.Asked.Answered(int status, var body)) {
                    Files.write(out.resolve("report.json"), body);
                }
            } finally {
                router.destroyForcibly().waitFor();
            }
        }
        zip(work.resolve("data"), out.resolve("buffer.zip"));
        System.exit(0);
    }

    static PipelineDefinition pipeline(String route) {
        return declared("""
                apiVersion: logroute/v1
                kind: LogRouter
                metadata: { name: core }
                spec:
                  sources: [ { http: { host: 127.0.0.1, port: %d } } ]
                  buffer: { maxBytes: 16MiB }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: near }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: n } }
                ---
                apiVersion: logroute/v1
                kind: LogSink
                metadata: { name: far }
                spec: { elasticsearch: { urls: ["http://127.0.0.1:%d"], index: f } }
                ---
                apiVersion: logroute/v1
                kind: LogRoute
                metadata: { name: %s }
                spec: { router: core, to: [near, far] }
                """.formatted(HTTP, NEAR, FAR, route));
    }

    static PipelineDefinition declared(String specs) {
        var declared = Declared.of(SpecReader.documents("specs.yaml", specs), Declared.NOTHING, Set.of("ampbeat"));
        if (!declared.problems().isEmpty()) {
            throw new IllegalStateException(declared.problems().toString());
        }
        return declared.pipeline("core").orElseThrow();
    }

    static void post(int from, int to) throws Exception {
        var body = IntStream.range(from, to)
                .mapToObj(n -> "{\"n\":%d%s,\"pad\":\"%s\"}"
                        .formatted(n, n == 77 ? ",\"bad\":true" : "", "x".repeat(16_000)))
                .collect(Collectors.joining("\n"));
        var answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/".formatted(HTTP)))
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
    }

    interface Question {
        boolean ask() throws Exception;
    }

    static void await(Question question) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!question.ask()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("it did not come to that within 60 s");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    static void zip(Path folder, Path file) throws IOException {
        try (var out = new ZipOutputStream(Files.newOutputStream(file));
                var all = Files.walk(folder)) {
            for (var each : all.filter(Files::isRegularFile).sorted().toList()) {
                out.putNextEntry(new ZipEntry(folder.relativize(each).toString()));
                Files.copy(each, out);
                out.closeEntry();
            }
        }
    }

    /// Takes bulks as Elasticsearch does, but for what it refuses; closed, it takes none.
    static final class Stub implements AutoCloseable {
        final AtomicInteger taken = new AtomicInteger();
        final HttpServer server;
        volatile boolean open = true;

        Stub(int port, String refused) throws IOException {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 16);
            server.createContext("/", exchange -> {
                var in = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
                        ? new GZIPInputStream(exchange.getRequestBody())
                        : exchange.getRequestBody();
                var lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
                boolean bulk = exchange.getRequestURI().getPath().endsWith("_bulk");
                var items = IntStream.range(0, bulk ? lines.size() / 2 : 0)
                        .mapToObj(i -> lines.get(2 * i + 1).contains(refused)
                                ? "{\"create\":{\"status\":400,\"error\":{\"type\":\"document_parsing_exception\",\"reason\":\"bad\"}}}"
                                : "{\"create\":{\"status\":201}}")
                        .toList();
                var answer = open ? "{\"errors\":true,\"items\":[%s]}".formatted(String.join(",", items)) : "{}";
                var body = answer.getBytes(StandardCharsets.UTF_8);
                int status = open ? 200 : 503;
                if (open) {
                    taken.addAndGet((int) items.stream().filter(item -> item.contains("201")).count());
                }
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.getResponseHeaders().set("X-Elastic-Product", "Elasticsearch");
                exchange.sendResponseHeaders(status, exchange.getRequestMethod().equals("HEAD") ? -1 : body.length);
                try (var to = exchange.getResponseBody()) {
                    if (!exchange.getRequestMethod().equals("HEAD")) {
                        to.write(body);
                    }
                }
            });
            server.start();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
