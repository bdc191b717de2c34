package io.logroute.parts.beats;

import static io.logroute.parts.beats.Frames.frames;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.logroute.Seeds;
import io.logroute.parts.beats.LumberjackDecoder.Limits;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LumberjackDecoderLaws {
    private static final Limits SMALL = new Limits(1000, 1 << 16, 1 << 20, 1 << 18, 100, 10, 100, 1 << 16);

    @Test
    void a_stream_gives_the_same_windows_however_it_is_cut() {
        for (int seed : Seeds.upTo(400)) {
            var random = Seeds.random(seed);
            var expected = new ArrayList<String>();
            var stream = stream(random, expected).bytes();
            assertThat(Decoding.of(stream, Limits.USUAL).told())
                    .as("seed %d, whole", seed)
                    .isEqualTo(expected);
            var cut = Decoding.inPieces(stream, Limits.USUAL, random);
            assertThat(cut.reason()).as("seed %d", seed).isEqualTo("none");
            assertThat(cut.told()).as("seed %d, in pieces", seed).isEqualTo(expected);
        }
    }

    @Test
    void a_stream_that_breaks_off_gives_the_windows_before() {
        for (int seed : Seeds.upTo(300)) {
            var random = Seeds.random(seed);
            var expected = new ArrayList<String>();
            var stream = stream(random, expected).bytes();
            var broken = Arrays.copyOf(stream, random.nextInt(stream.length + 1));
            var decoded = Decoding.inPieces(broken, Limits.USUAL, random);
            assertThat(decoded.reason()).as("seed %d", seed).isEqualTo("none");
            var told = decoded.told();
            // The last may be a part of its window.
            int whole = Math.max(0, told.size() - 1);
            assertThat(told.subList(0, whole)).as("seed %d", seed).isEqualTo(expected.subList(0, whole));
        }
    }

    @Test
    void noise_and_damage_end_in_windows_or_a_breach_and_in_nothing_else() {
        var reasons = new TreeSet<String>();
        for (int seed : Seeds.upTo(4_000)) {
            var random = Seeds.random(seed);
            var stream = noise(random);
            long before = allocated();
            var decoded = Decoding.inPieces(stream, SMALL, random);
            long spent = allocated() - before;
            reasons.add(decoded.reason());
            // Arrays double, lists and exceptions come on top: generous, and far from what the
            // frames claim.
            assertThat(spent).as("seed %d", seed).isLessThan(8L << 20);
            assertThat(decoded.windows())
                    .as("seed %d", seed)
                    .allSatisfy(window ->
                            assertThat(window.events()).isNotEmpty().hasSizeLessThanOrEqualTo(SMALL.window()));
        }
        if (!Seeds.many()) {
            return;
        }
        assertThat(reasons).as("the noise reaches every end").contains("none", "garbage", "oversized");
    }

    /// What libdeflate does in one go, it does when all of a packed frame is there; so of a frame
    /// that is not, the other may tell more. How many windows come before a breach, and which of
    /// two is told, depends on the pieces, for both.
    @Test
    void libdeflate_makes_the_same_of_a_stream_as_the_jdk() {
        libdeflate_is_installed();
        var ends = new TreeSet<String>();
        for (int seed : Seeds.upTo(1_000)) {
            var random = Seeds.random(seed);
            var limits = random.nextBoolean() ? SMALL : Limits.USUAL;
            var stream = packedStream(random);
            int pieces = random.nextInt();
            var jdk = Decoding.inPieces(stream, limits, Seeds.random(pieces), false);
            var fast = Decoding.inPieces(stream, limits, Seeds.random(pieces), true);
            ends.add(jdk.reason() + (jdk.halfFrame() ? ", half a frame" : ""));
            int both = Math.min(fast.windows().size(), jdk.windows().size());
            assertThat(fast.told().subList(0, both))
                    .as("seed %d", seed)
                    .isEqualTo(jdk.told().subList(0, both));
            boolean waits = fast.halfFrame() && fast.breach().isEmpty();
            if (!waits) {
                assertThat(fast.breach().isPresent())
                        .as("seed %d: %s, %s", seed, fast.reason(), jdk.reason())
                        .isEqualTo(jdk.breach().isPresent());
            }
            if (!waits && fast.breach().isEmpty()) {
                assertThat(fast.windows()).as("seed %d", seed).hasSameSizeAs(jdk.windows());
                // The array for the wire, less what events keep of it.
                assertThat(List.of(jdk.holding(), fast.holding()))
                        .as("seed %d", seed)
                        .allSatisfy(holding -> assertThat(holding).isBetween(0L, 32L << 10));
            }
        }
        if (Seeds.many()) {
            assertThat(ends)
                    .as("the streams reach every end")
                    .contains("none", "none, half a frame", "garbage, half a frame", "zip_bomb, half a frame");
        }
    }

    private static void libdeflate_is_installed() {
        boolean installed;
        try (var library = Libdeflate.create()) {
            installed = library != null;
        }
        var what = "libdeflate is not there; install it (Debian: apt-get install libdeflate0; ./dev test does)";
        if (System.getenv("CI") != null) {
            assertThat(installed).as(what).isTrue();
        }
        assumeTrue(installed, what);
    }

    /// Packed frames that are valid, empty, broken within, cut off, followed by something, or
    /// bombs, one of them or several; all of it cut off, at times.
    private static byte[] packedStream(Random random) {
        var stream = frames();
        for (int i = random.nextInt(4); i >= 0; i--) {
            var valid = stream(random, new ArrayList<>());
            int count = 1 + random.nextInt(20);
            var zlib = Frames.zlib(events(random, count));
            switch (random.nextInt(10)) {
                case 0 -> stream.add(valid);
                case 1 -> stream.packed('2', frames());
                case 2 -> stream.packed('2', new byte[0]);
                case 3 -> {
                    zlib[random.nextInt(zlib.length)] ^= (byte) (1 << random.nextInt(8));
                    stream.window('2', count).packed('2', zlib);
                }
                case 4 -> stream.window('2', count).packed('2', Arrays.copyOf(zlib, random.nextInt(zlib.length)));
                case 5 -> stream.window('2', count).packed('2', Arrays.copyOf(zlib, zlib.length + 1));
                case 6 -> {
                    var bomb = frames().json(1, "{\"k\":\"" + " ".repeat(random.nextInt(60_000)) + "\"}");
                    for (int more = random.nextInt(60); more > 0; more--) {
                        bomb.add(frames().raw(bomb(random)));
                    }
                    stream.window('2', 100).packed('2', bomb);
                }
                case 7 ->
                    stream.window('2', count)
                            .packed('2', frames().raw(events(random, count)).raw("2J\0"));
                default -> stream.window('2', count).packed('2', zlib);
            }
        }
        var bytes = stream.bytes();
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
    }

    private static byte[] bomb(Random random) {
        return frames().json(2, "{\"k\":\"" + " ".repeat(random.nextInt(40_000)) + "\"}")
                .bytes();
    }

    private static byte[] events(Random random, int count) {
        var events = frames();
        for (int i = 1; i <= count; i++) {
            events.json(i, "{\"k\":\"" + "x".repeat(random.nextInt(300)) + random.nextLong() + "\"}");
        }
        return events.bytes();
    }

    private static long allocated() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }

    /// A valid stream with some bytes changed, or frames of random kinds and numbers, or mere
    /// noise.
    private static byte[] noise(Random random) {
        if (random.nextInt(3) > 0) {
            var stream = stream(random, new ArrayList<>()).bytes();
            for (int i = random.nextInt(6); i >= 0; i--) {
                stream[random.nextInt(stream.length)] = (byte) random.nextInt(256);
            }
            return stream;
        }
        var frames = frames();
        if (random.nextBoolean()) {
            frames.window('2', 1 + random.nextInt(50));
        }
        for (int i = random.nextInt(20); i >= 0; i--) {
            var bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            switch (random.nextInt(5)) {
                case 0 -> frames.raw(bytes);
                case 1 -> frames.json(i, bytes);
                case 2 -> frames.packed('2', Frames.zlib(bytes));
                case 3 ->
                    frames.start('2', "WJDC".charAt(random.nextInt(4)))
                            .u32(random.nextInt(1 << 20))
                            .raw(bytes);
                default ->
                    frames.start('1', "WJDC".charAt(random.nextInt(4)))
                            .u32(random.nextInt())
                            .raw(bytes);
            }
        }
        return frames.bytes();
    }

    /// A valid stream, and what it says in `expected`.
    private static Frames stream(Random random, List<String> expected) {
        var stream = frames();
        int windows = 1 + random.nextInt(6);
        for (int w = 0; w < windows; w++) {
            char version = random.nextInt(4) == 0 ? '1' : '2';
            int count = 1 + random.nextInt(random.nextInt(5) == 0 ? 900 : 12);
            var body = frames();
            var told = new StringBuilder(version + ":" + count);
            boolean windowWithin = random.nextInt(4) == 0;
            if (windowWithin) {
                body.window(version, count);
            } else {
                stream.window(version, count);
            }
            for (int i = 1; i <= count; i++) {
                var text = "x".repeat(random.nextInt(random.nextInt(40) == 0 ? 20_000 : 40)) + random.nextInt();
                told.append(" {\"k\":\"").append(text).append("\"}");
                if (version == '1' || random.nextInt(8) == 0) {
                    body.data(version, i, "k", text);
                } else {
                    body.json(i, "{\"k\":\"" + text + "\"}");
                }
            }
            if (random.nextBoolean()) {
                stream.packed(version, body);
            } else {
                stream.add(body);
            }
            expected.add(told.toString());
        }
        return stream;
    }
}
