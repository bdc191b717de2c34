package io.logroute.parts.demo;

import io.logroute.flow.Json;
import io.logroute.flow.Timestamps;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.random.RandomGenerator;

/// A web shop whose visitors look around, search, fill carts and pay. Each request is told by the
/// service that does the work and by the web server in front of it; about one line in ten is a
/// health check, about one in twelve an error. Used by one thread.
final class Shop {
    private static final double HEALTH_CHECKS = 0.10;
    private static final double ERRORS = 0.093;
    private static final int MAX_VISITORS = 40;
    private static final List<String> GOODS = List.of(
            "teapot", "oak-desk", "rain-jacket", "desk-lamp", "wool-socks", "bike-bell", "notebook-a5", "hiking-boots");
    private static final List<String> AGENTS = List.of("Firefox/128.0", "Chrome/131.0", "Safari/18.1", "okhttp/4.12");

    /// A service of the shop's stack, and how it names its containers.
    private record Service(String name, List<String> containers) {
        static Service of(String name, int replicas, RandomGenerator random) {
            var containers = new ArrayList<String>();
            for (int slot = 1; slot <= replicas; slot++) {
                containers.add("shop_%s.%d.%s".formatted(name, slot, letters(random, 25)));
            }
            return new Service("shop_" + name, List.copyOf(containers));
        }
    }

    private record Line(
            Service service,
            String level,
            String msg,
            String method,
            String path,
            int status,
            int millis,
            Visitor of) {}

    /// Somebody on the way through the shop.
    private static final class Visitor {
        final String session;
        final String agent;
        final Queue<Line> lines = new ArrayDeque<>();
        Step next = Step.HOME;
        String goods = "";
        int items;
        int cents;

        Visitor(String session, String agent) {
            this.session = session;
            this.agent = agent;
        }
    }

    private enum Step {
        HOME,
        SEARCH,
        PRODUCT,
        CART,
        CHECKOUT,
        PAY,
        GONE
    }

    private final RandomGenerator random;
    private final Service web;
    private final Service cart;
    private final Service search;
    private final Service payment;
    private final List<Visitor> visitors = new ArrayList<>();

    Shop(RandomGenerator random) {
        this.random = random;
        web = Service.of("web", 3, random);
        search = Service.of("search", 2, random);
        cart = Service.of("cart", 2, random);
        payment = Service.of("payment", 1, random);
    }

    /// The next line of the shop's logs, as JSON.
    String next(Instant now) {
        if (random.nextDouble() < HEALTH_CHECKS) {
            return json(now, healthCheck());
        }
        var visitor = visitor();
        if (visitor.lines.isEmpty()) {
            request(visitor);
        }
        var line = visitor.lines.remove();
        if (visitor.next == Step.GONE && visitor.lines.isEmpty()) {
            visitors.remove(visitor);
        }
        return json(now, line);
    }

    private Visitor visitor() {
        if (visitors.isEmpty() || visitors.size() < MAX_VISITORS && random.nextInt(8) == 0) {
            visitors.add(new Visitor(letters(random, 12), any(AGENTS)));
        }
        return any(visitors);
    }

    private Line healthCheck() {
        var service = any(List.of(web, search, cart, payment));
        return new Line(
                service,
                "debug",
                "GET /healthz 200",
                "GET",
                "/healthz",
                200,
                1 + random.nextInt(3),
                new Visitor("", "curl/8.5.0"));
    }

    /// What one request of the visitor writes: the lines of the service that works on it, and of
    /// the web server.
    private void request(Visitor visitor) {
        boolean fails = random.nextDouble() < ERRORS;
        switch (visitor.next) {
            case HOME -> {
                tell(visitor, web, fails, "home page shown", "template cache is corrupt: home.html", "GET", "/", 500);
                visitor.next = random.nextInt(5) == 0 ? Step.GONE : Step.SEARCH;
            }
            case SEARCH -> {
                visitor.goods = any(GOODS);
                tell(
                        visitor,
                        search,
                        fails,
                        "query \"%s\" found %d products"
                                .formatted(visitor.goods.replace('-', ' '), 1 + random.nextInt(60)),
                        "index products does not answer: timeout after 2000 ms",
                        "GET",
                        "/search?q=" + visitor.goods,
                        503);
                visitor.next = random.nextInt(6) == 0 ? Step.GONE : Step.PRODUCT;
            }
            case PRODUCT -> {
                tell(
                        visitor,
                        web,
                        fails,
                        "product %s shown".formatted(visitor.goods),
                        "NullPointerException: price of %s is null".formatted(visitor.goods),
                        "GET",
                        "/products/" + visitor.goods,
                        500);
                int chance = random.nextInt(10);
                visitor.next = chance < 4 ? Step.CART : chance < 8 ? Step.SEARCH : Step.GONE;
            }
            case CART -> {
                if (!fails) {
                    visitor.items++;
                    visitor.cents += 500 + random.nextInt(12_000);
                }
                tell(
                        visitor,
                        cart,
                        fails,
                        "added %s to cart, %d items".formatted(visitor.goods, visitor.items),
                        "cart of session %s is locked by another request".formatted(visitor.session),
                        "POST",
                        "/cart/items",
                        409);
                visitor.next = random.nextBoolean() && visitor.items > 0 ? Step.CHECKOUT : Step.SEARCH;
            }
            case CHECKOUT -> {
                tell(
                        visitor,
                        cart,
                        fails,
                        "checkout of %d items, %d.%02d EUR"
                                .formatted(visitor.items, visitor.cents / 100, visitor.cents % 100),
                        "stock of %s is 0, cannot reserve it".formatted(visitor.goods),
                        "POST",
                        "/checkout",
                        409);
                visitor.next = fails ? Step.SEARCH : Step.PAY;
            }
            case PAY -> {
                tell(
                        visitor,
                        payment,
                        fails,
                        "payment of %d.%02d EUR accepted".formatted(visitor.cents / 100, visitor.cents % 100),
                        any(List.of(
                                "card was declined by the bank: do_not_honor",
                                "connection to payments.example reset by peer",
                                "bank did not answer within 5000 ms")),
                        "POST",
                        "/payments",
                        502);
                visitor.next = fails && random.nextBoolean() ? Step.PAY : Step.GONE;
            }
            case GONE -> throw new IllegalStateException("who is gone asks for nothing");
        }
    }

    private void tell(
            Visitor visitor,
            Service worker,
            boolean fails,
            String well,
            String ill,
            String method,
            String path,
            int code) {
        int millis = fails ? 200 + random.nextInt(5_000) : 4 + (int) Math.abs(random.nextGaussian() * 60);
        int status = fails ? code : method.equals("POST") ? 201 : 200;
        var level = fails ? "error" : millis > 150 ? "warn" : "info";
        visitor.lines.add(new Line(worker, level, fails ? ill : well, method, bare(path), status, millis, visitor));
        visitor.lines.add(new Line(
                web,
                fails ? "error" : "info",
                "%s %s %d %d ms".formatted(method, path, status, millis + 2),
                method,
                bare(path),
                status,
                millis + 2,
                visitor));
    }

    private static String bare(String path) {
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
    }

    private String json(Instant now, Line line) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("@timestamp", Timestamps.format(now));
        fields.put("stack_name", "shop");
        fields.put("service_name", line.service.name);
        fields.put("container_name", any(line.service.containers));
        fields.put("level", line.level);
        fields.put("msg", line.msg);
        fields.put("method", line.method);
        fields.put("path", line.path);
        fields.put("status", (long) line.status);
        fields.put("duration_ms", (long) line.millis);
        fields.put("user_agent", line.of.agent);
        if (!line.of.session.isEmpty()) {
            fields.put("session", line.of.session);
        }
        return Json.write(fields);
    }

    private <T> T any(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    private static String letters(RandomGenerator random, int count) {
        var out = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            out.append("abcdefghijklmnopqrstuvwxyz0123456789".charAt(random.nextInt(36)));
        }
        return out.toString();
    }
}
