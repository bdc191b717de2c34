package io.logroute.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// What a Prometheus tells, wherever it runs.
public final class Prometheus {
    private final URI url;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    public Prometheus(URI url) {
        this.url = url;
    }

    /// The `data` of an answer of its API.
    public Map<String, @Nullable Object> data(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url.resolve(path))
                .timeout(Duration.ofSeconds(60))
                .build();
        var answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode())
                .as("%s: %s", path, new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return PrometheusServer.object(
                Json.parse(answer.body(), 0, answer.body().length).get("data"));
    }

    /// What an expression gives now: a list of series.
    public List<?> query(String expression) throws IOException, InterruptedException {
        return PrometheusServer.list(
                data("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8)), "result");
    }

    /// The value of an expression that gives one series; empty while it gives none.
    public OptionalDouble value(String expression) throws IOException, InterruptedException {
        var series = query(expression);
        assertThat(series).as(expression).hasSizeLessThan(2);
        return series.stream()
                .map(each -> PrometheusServer.list(PrometheusServer.object(each), "value"))
                .mapToDouble(value -> Double.parseDouble(String.valueOf(value.getLast())))
                .findFirst();
    }
}
