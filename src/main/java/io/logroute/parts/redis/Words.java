package io.logroute.parts.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Bytes of words, and what answers of Redis hold.
final class Words {
    private Words() {}

    static byte[] of(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] of(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    static String text(@Nullable Object answer) {
        return answer instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(answer);
    }

    static long number(@Nullable Object answer, long otherwise) {
        return answer instanceof Long number ? number : otherwise;
    }

    static List<?> list(@Nullable Object answer) {
        return answer instanceof List<?> list ? list : List.of();
    }

    /// The value under the name in an answer of names and values in turn; `null` when it is not there.
    static @Nullable Object in(List<?> pairs, String name) {
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            if (text(pairs.get(i)).equals(name)) {
                return pairs.get(i + 1);
            }
        }
        return null;
    }
}
