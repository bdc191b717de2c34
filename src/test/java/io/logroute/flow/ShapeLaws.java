package io.logroute.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// An object that is looked at by the shape of those before it is judged as if it came alone.
class ShapeLaws {
    private static final List<String> VALUES = List.of(
            "\"2026-11-22T10:15:30.123Z\"",
            "\"\"",
            "\"a \\\" b\"",
            "\"zwölf\"",
            "0",
            "-1.5",
            "17",
            "true",
            "null",
            "{}",
            "[1,{\"a\":2}]");

    @Test
    void what_came_before_changes_no_verdict() {
        int known = 0;
        int all = 0;
        for (int seed : Seeds.upTo(6_000)) {
            var random = Seeds.random(seed);
            var shape = new Shape();
            var like = any(random);
            for (int i = 0; i < 30; i++) {
                like = random.nextInt(12) == 0 ? any(random) : like;
                var bytes = changed(like, random);
                known += shape.count() > 0 ? 1 : 0;
                all++;
                var alone = new JsonCheck(bytes, 1, bytes.length - 1);
                var after = new JsonCheck(bytes, 1, bytes.length - 1, shape);
                var as = "seed %d, object %d: %s".formatted(seed, i, new String(bytes, StandardCharsets.UTF_8));
                var fault = alone.object();
                assertThat(after.object()).as(as).isEqualTo(fault);
                if (fault == null) {
                    assertThat(after.facts()).as(as).isEqualTo(alone.facts());
                    assertThat(after.start()).as(as).isEqualTo(alone.start());
                    assertThat(after.end()).as(as).isEqualTo(alone.end());
                    assertThat(after.isPlain()).as(as).isEqualTo(alone.isPlain());
                }
            }
        }
        assertThat(known).as("objects that had a shape to fit").isGreaterThan(all / 4);
    }

    @Test
    void objects_of_one_shape_fit_and_others_are_left_to_themselves_after_a_while() {
        var shape = new Shape();
        for (int i = 0; i < 10; i++) {
            assertThat(check("{\"@timestamp\":\"2026\",\"a\":" + i + "}", shape))
                    .isTrue();
        }
        assertThat(shape.count()).isEqualTo(2);
        assertThat(shape.name(0)).isEqualTo(Facts.Name.TIMESTAMP);
        assertThat(shape.name(1)).isNull();
        for (int i = 0; i < 40; i++) {
            assertThat(check("{\"a" + i + "\":1}", shape)).isTrue();
        }
        assertThat(shape.isTried()).isFalse();
    }

    /// Any object at all, or one without the rare things that keep a shape from being learned.
    private static byte[] any(Random random) {
        if (random.nextInt(3) == 0) {
            return new SomeJson(random).object();
        }
        var json = new StringBuilder("{");
        for (var name : List.of(
                "@timestamp",
                "msg",
                "service_name",
                "level",
                "@version",
                "@metadata",
                "größe",
                "a\\\"b",
                "stack_name",
                "x")) {
            if (random.nextInt(60) == 0) {
                json.append(json.length() > 1 ? "," : "")
                        .append("\"pad\":\"")
                        .append("x".repeat(random.nextBoolean() ? 8_170 : 32_740))
                        .append('"');
            }
            if (random.nextInt(3) > 0) {
                json.append(json.length() > 1 ? "," : "")
                        .append('"')
                        .append(name)
                        .append(random.nextInt(8) == 0 ? "\" : " : "\":")
                        .append(VALUES.get(random.nextInt(VALUES.size())));
            }
        }
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static boolean check(String json, Shape shape) {
        var bytes = json.getBytes(StandardCharsets.UTF_8);
        return new JsonCheck(bytes, 0, bytes.length, shape).object() == null;
    }

    /// The object with no byte or a few others, one byte more on each side.
    private static byte[] changed(byte[] object, Random random) {
        var bytes = new byte[object.length + 2];
        System.arraycopy(object, 0, bytes, 1, object.length);
        bytes[0] = (byte) random.nextInt(256);
        bytes[bytes.length - 1] = (byte) random.nextInt(256);
        for (int i = random.nextInt(3); i > 0; i--) {
            bytes[1 + random.nextInt(object.length)] =
                    (byte) "{}[],:\"\\0123456789.eEtfnul \n@aü".charAt(random.nextInt(30));
        }
        return bytes;
    }
}
