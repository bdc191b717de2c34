package io.logroute.parts.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logroute.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever way what Docker sends is cut, the same pieces come out of it, and whatever else comes ends in words.
class LogDecoderLaws {
    private static final long TIME = 1_795_000_000_123_456_789L;

    private static List<String> decoded(boolean tty, byte[] bytes, int... cuts) throws IOException {
        var found = new ArrayList<String>();
        var decoder = new LogDecoder(
                tty,
                (err, time, from, at, to, ends) -> found.add("%s %d %s%s"
                        .formatted(
                                err ? "err" : "out",
                                time,
                                new String(from, at, to - at, StandardCharsets.UTF_8),
                                ends ? "$" : "+")));
        int at = 0;
        for (int cut : cuts) {
            decoder.take(bytes, at, cut);
            at = cut;
        }
        decoder.take(bytes, at, bytes.length);
        decoder.end();
        return found;
    }

    private static List<String> told(List<DockerLog.Piece> pieces) {
        return pieces.stream()
                .map(each -> "%s %d %s%s"
                        .formatted(
                                each.err() ? "err" : "out",
                                each.time(),
                                new String(each.text(), StandardCharsets.UTF_8),
                                each.ends() ? "$" : "+"))
                .toList();
    }

    private static byte[] written(List<DockerLog.Piece> pieces, boolean tty) {
        var out = new ByteArrayOutputStream();
        pieces.forEach(each -> out.writeBytes(DockerLog.written(each, tty)));
        return out.toByteArray();
    }

    private static List<DockerLog.Piece> some(Random random, boolean tty) {
        var pieces = new ArrayList<DockerLog.Piece>();
        long time = TIME;
        for (int i = random.nextInt(1, 12); i > 0; i--) {
            time += random.nextInt(3);
            int length = random.nextInt(20) == 0
                    ? random.nextInt(3 * LogDecoder.PIECE)
                    : random.nextInt(12) == 0 ? LogDecoder.PIECE * random.nextInt(3) : random.nextInt(60);
            var text = new byte[length];
            for (int at = 0; at < length; at++) {
                text[at] = (byte) (random.nextInt(30) == 0 ? 'Z' : ' ' + random.nextInt(94));
            }
            pieces.addAll(DockerLog.cut(!tty && random.nextBoolean(), time, text, true));
        }
        return pieces;
    }

    @Test
    void the_same_pieces_come_of_it_wherever_it_is_cut() throws IOException {
        for (int seed : Seeds.upTo(3_000)) {
            var random = Seeds.random(seed);
            boolean tty = random.nextBoolean();
            var pieces = some(random, tty);
            var bytes = written(pieces, tty);
            var cuts = random.ints(random.nextInt(10), 0, bytes.length + 1)
                    .sorted()
                    .toArray();
            assertThat(decoded(tty, bytes, cuts))
                    .as("seed %d, tty %s, cut at %s", seed, tty, Arrays.toString(cuts))
                    .isEqualTo(told(pieces));
        }
    }

    @ParameterizedTest(name = "tty {0}")
    @ValueSource(booleans = {false, true})
    void cut_at_every_byte(boolean tty) throws IOException {
        var pieces = new ArrayList<DockerLog.Piece>();
        pieces.addAll(DockerLog.cut(false, TIME, "hello".getBytes(StandardCharsets.UTF_8), true));
        pieces.addAll(DockerLog.cut(!tty, TIME, "".getBytes(StandardCharsets.UTF_8), true));
        pieces.addAll(DockerLog.cut(false, TIME + 1, "grüße".getBytes(StandardCharsets.UTF_8), true));
        var bytes = written(pieces, tty);
        for (int cut = 0; cut <= bytes.length; cut++) {
            assertThat(decoded(tty, bytes, cut)).as("cut at %d", cut).isEqualTo(told(pieces));
        }
        assertThat(decoded(
                        tty,
                        bytes,
                        java.util.stream.IntStream.range(0, bytes.length).toArray()))
                .as("byte by byte")
                .isEqualTo(told(pieces));
    }

    @Test
    void anything_at_all_ends_in_words_or_in_pieces() {
        for (int seed : Seeds.upTo(5_000)) {
            var random = Seeds.random(seed);
            boolean tty = random.nextBoolean();
            var bytes = written(some(random, tty), tty);
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                decoded(tty, bytes, random.nextInt(bytes.length));
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed %d", seed).contains("the log");
            }
        }
    }

    @Test
    void what_docker_says_in_the_log_is_told() {
        var words = "Error grabbing logs: it is torn".getBytes(StandardCharsets.UTF_8);
        var bytes = new byte[8 + words.length];
        bytes[0] = 3;
        bytes[7] = (byte) words.length;
        System.arraycopy(words, 0, bytes, 8, words.length);
        assertThatThrownBy(() -> decoded(false, bytes))
                .hasMessage("Docker says in the log: Error grabbing logs: it is torn");
        assertThatThrownBy(() -> decoded(true, "Error grabbing logs: torn\n".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("Docker says in the log: Error grabbing logs: torn");
    }

    @Test
    void no_frame_is_waited_for_that_nobody_writes() {
        assertThatThrownBy(() -> decoded(false, new byte[] {1, 0, 0, 0, 127, 0, 0, 0}))
                .hasMessage("the log has a frame of 2130706432 bytes");
        assertThatThrownBy(() -> decoded(false, new byte[] {1, 0, 0, 0, -1, -1, -1, -1}))
                .hasMessage("the log has a frame of 4294967295 bytes");
        assertThatThrownBy(() -> decoded(false, "2026-11-30T".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("no frame where one should begin");
        var endless = new byte[LogDecoder.LARGEST * 2];
        Arrays.fill(endless, (byte) 'x');
        assertThatThrownBy(() -> decoded(true, endless)).hasMessageContaining("a piece of more than");
    }
}
