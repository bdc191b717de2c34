package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.plan.Order;
import io.logroute.plan.Revision;
import io.logroute.remote.RouterLink.Address;
import io.logroute.remote.RouterLink.Ordered;
import io.logroute.remote.RouterLink.Pushed;
import io.logroute.remote.RouterLink.Reported;
import io.logroute.testbed.ScriptedHttp;
import io.logroute.testbed.ScriptedHttp.Reply;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the controller makes of routers that are well, ill, or no routers at all.
@Timeout(300)
class RouterLinkTest {
    private static final Revision REVISION = new Revision("3f9a1c0d2b4e");

    private final LinkKey key = LinkKey.generate(new SecureRandom());
    private final RouterLink link = link(Duration.ofSeconds(60));
    /// For those that give no answer, or none that ends.
    private final RouterLink hasty = link(Duration.ofSeconds(2));

    private RouterLink link(Duration patience) {
        return new RouterLink(key, InstantSource.system(), patience, patience);
    }

    private Pushed pushed(Reply reply) throws IOException {
        return pushed(link, reply);
    }

    private Pushed pushed(RouterLink by, Reply reply) throws IOException {
        try (var server = new ScriptedHttp(request -> signed(key, request, reply))) {
            return by.push(address(server), "kind: LogRouter\n", REVISION, 7);
        }
    }

    private Reported reported(Reply reply) throws IOException {
        return reported(link, reply);
    }

    private Reported reported(RouterLink by, Reply reply) throws IOException {
        try (var server = new ScriptedHttp(request -> signed(key, request, reply))) {
            return by.report(address(server));
        }
    }

    private static Address address(ScriptedHttp server) {
        return new Address("127.0.0.1", server.url().getPort(), "core-0");
    }

    /// As a router signs what it answers, but for what denies a request.
    private static Reply signed(LinkKey key, ScriptedHttp.Request request, Reply reply) {
        if (!(reply instanceof Reply.Answer answer) || answer.status() == 401 || answer.status() == 403) {
            return reply;
        }
        var hmac = key.signAnswer(
                request.headers().getOrDefault("authorization", ""),
                request.headers().getOrDefault("logroute-nonce", ""),
                answer.status(),
                LinkKey.hash(answer.body().getBytes(StandardCharsets.UTF_8)));
        return new Reply.Answer(answer.status(), answer.body(), Map.of(LinkKey.ANSWER, hmac));
    }

    private static Reply answer(int status, String body) {
        return new Reply.Answer(status, body);
    }

    @Test
    void every_answer_to_a_push_has_its_meaning() throws IOException {
        assertThat(pushed(answer(200, "{\"changed\":true}"))).isEqualTo(new Pushed.Taken(true));
        assertThat(pushed(answer(200, "{}"))).isEqualTo(new Pushed.Taken(false));
        assertThat(pushed(answer(409, "{\"what\":\"no\",\"problems\":[\"a\",\"b\"]}")))
                .isEqualTo(new Pushed.Refused(List.of("a", "b")));
        assertThat(pushed(answer(412, "{\"what\":\"late\",\"mend\":\"Hurry.\"}")))
                .isEqualTo(new Pushed.Outdated("late. Hurry."));
        assertThat(pushed(answer(422, "{\"what\":\"more\"}"))).isEqualTo(new Pushed.NeedsRestart("more"));
        assertThat(pushed(answer(503, "{\"what\":\"busy\"}"))).isEqualTo(new Pushed.NotNow("busy"));
        assertThat(pushed(answer(401, ""))).isEqualTo(new Pushed.Denied("it answered 401"));
        assertThat(pushed(answer(403, "go away"))).isEqualTo(new Pushed.Denied("it answered 403: go away"));
        assertThat(pushed(answer(500, "<h1>oops</h1>"))).isInstanceOf(Pushed.Unreachable.class);
    }

    private Ordered ordered(Reply reply) throws IOException {
        return ordered(link, reply);
    }

    private Ordered ordered(RouterLink by, Reply reply) throws IOException {
        try (var server = new ScriptedHttp(request -> signed(key, request, reply))) {
            var ordered = by.order(address(server), Order.DRAIN);
            assertThat(server.requests())
                    .allSatisfy(request -> assertThat(request.method() + " " + request.path())
                            .isEqualTo("PUT /api/v1/order?do=drain"));
            return ordered;
        }
    }

    @Test
    void every_answer_to_an_order_has_its_meaning() throws IOException {
        assertThat(ordered(answer(200, "{\"mode\":\"DRAINING\"}"))).isEqualTo(new Ordered.Taken());
        assertThat(ordered(answer(409, "{\"what\":\"no\",\"mend\":\"Wait.\"}")))
                .isEqualTo(new Ordered.NotNow("no. Wait."));
        assertThat(ordered(answer(503, "{\"what\":\"busy\"}"))).isEqualTo(new Ordered.NotNow("busy"));
        assertThat(ordered(answer(401, ""))).isEqualTo(new Ordered.Denied("it answered 401"));
        assertThat(ordered(answer(403, "go away"))).isEqualTo(new Ordered.Denied("it answered 403: go away"));
        assertThat(ordered(answer(404, "{\"what\":\"there is nothing at /api/v1/order\"}")))
                .as("a router of the time before there were orders")
                .isEqualTo(new Ordered.KnowsNone());
        assertThat(ordered(hasty, new Reply.Silence())).isInstanceOf(Ordered.Unreachable.class);
    }

    /// A service that took the name of a router, or sits between.
    @Test
    void an_answer_that_was_not_made_with_the_key_for_this_very_request_is_none() throws IOException {
        var stranger = LinkKey.generate(new SecureRandom());
        var empty = new Reply.Answer(200, "{\"mode\":\"DRAINING\"}");
        var first = new ArrayList<Reply>();
        for (Function<ScriptedHttp.Request, Reply> lie : List.<Function<ScriptedHttp.Request, Reply>>of(
                _ -> empty,
                request -> signed(stranger, request, empty),
                request -> {
                    var right = (Reply.Answer) signed(key, request, empty);
                    return new Reply.Answer(200, "{\"mode\":\"SERVING\"}", right.headers());
                },
                request -> {
                    var right = (Reply.Answer) signed(key, request, answer(503, "{\"mode\":\"DRAINING\"}"));
                    return new Reply.Answer(200, right.body(), right.headers());
                },
                request -> {
                    first.add(signed(key, request, empty));
                    return first.getFirst();
                })) {
            try (var server = new ScriptedHttp(lie)) {
                link.order(address(server), Order.DRAIN);
                assertThat(link.order(address(server), Order.DRAIN))
                        .isInstanceOfSatisfying(
                                Ordered.Unreachable.class,
                                it -> assertThat(it.reason()).contains("is not signed with it"));
            }
        }
    }

    @Test
    void whatever_the_other_side_does_it_ends_in_time() throws IOException {
        for (var reply : List.of(
                new Reply.Silence(),
                new Reply.Noise("SSH-2.0-OpenSSH\r\n"),
                new Reply.Cut(new Reply.Answer(200, "{\"changed\":true}"), 40),
                new Reply.Endless("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "x".repeat(100_000)))) {
            assertThat(pushed(hasty, reply)).as("%s", reply).isInstanceOf(Pushed.Unreachable.class);
            assertThat(reported(hasty, reply)).as("%s", reply).isInstanceOf(Reported.Unreachable.class);
        }
    }

    @Test
    void where_nobody_is_it_says_so() throws IOException {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        assertThat(link.report(new Address("127.0.0.1", port, "core-0")))
                .isEqualTo(new Reported.Unreachable("nobody listens at 127.0.0.1:" + port));
        assertThat(link.report(new Address("logroute_core-0.invalid", 9600, "core-0")))
                .isEqualTo(new Reported.Unreachable("there is no host logroute_core-0.invalid"));
    }

    @Test
    void what_is_no_report_is_told() throws IOException {
        assertThat(reported(answer(200, "{}")))
                .isInstanceOfSatisfying(
                        Reported.Unreachable.class,
                        it -> assertThat(it.reason()).contains("is no report: router is missing"));
        assertThat(reported(answer(503, "{\"what\":\"it starts\"}"))).isEqualTo(new Reported.NotYet("it starts"));
    }

    @Test
    void a_request_is_for_the_instance_that_the_service_is() throws IOException {
        assertThat(Address.ofService("logroute_core-edge-12"))
                .isEqualTo(new Address("logroute_core-edge-12", 9600, "core-edge-12"));
        try (var server = new ScriptedHttp(_ -> new Reply.Answer(200, "{}"))) {
            link.push(address(server), "kind: LogRouter\n", REVISION, 7);
            assertThat(server.requests())
                    .singleElement()
                    .satisfies(
                            request -> assertThat(request.headers().toString().toLowerCase(java.util.Locale.ROOT))
                                    .contains("logroute-instance")
                                    .contains("core-0"));
        }
    }

    @Test
    void the_key_itself_never_travels() throws IOException {
        try (var server = new ScriptedHttp(_ -> new Reply.Answer(200, "{}"))) {
            link.push(address(server), "kind: LogRouter\n", REVISION, 7);
            assertThat(server.requests()).singleElement().satisfies(request -> {
                assertThat(request.headers().toString())
                        .doesNotContain(key.secret().strip());
                assertThat(request.path()).isEqualTo("/api/v1/pipeline?revision=3f9a1c0d2b4e&generation=7");
            });
        }
    }
}
