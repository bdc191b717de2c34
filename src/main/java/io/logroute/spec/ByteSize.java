package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Pattern;

/// A number of bytes, written as `512KiB`, `8GiB`, `10MB` or plain `4096`.
public record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,19}(?:\\.[0-9]{1,9})?) ?([A-Za-z]{0,3})");
    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("", 1L),
            Map.entry("B", 1L),
            Map.entry("KB", 1_000L),
            Map.entry("MB", 1_000_000L),
            Map.entry("GB", 1_000_000_000L),
            Map.entry("TB", 1_000_000_000_000L),
            Map.entry("KiB", 1L << 10),
            Map.entry("MiB", 1L << 20),
            Map.entry("GiB", 1L << 30),
            Map.entry("TiB", 1L << 40));

    public ByteSize {
        require(bytes >= 0, "size %d is negative; write 0 or more", bytes);
    }

    /// @throws IllegalArgumentException when the text is no size
    public static ByteSize parse(String text) {
        var form = FORM.matcher(text.strip());
        require(
                form.matches() && UNITS.containsKey(form.group(2)),
                "\"%s\" is no size; write a number and a unit, such as 512KiB, 64MiB or 8GiB",
                text);
        var bytes = new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(UNITS.getOrDefault(form.group(2), 1L)));
        require(
                bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0,
                "\"%s\" is larger than anything; write a size such as 8GiB",
                text);
        return new ByteSize(bytes.longValue());
    }

    @Override
    public String toString() {
        for (var unit : new String[] {"TiB", "GiB", "MiB", "KiB"}) {
            long size = UNITS.getOrDefault(unit, 1L);
            if (bytes >= size && bytes % size == 0) {
                return bytes / size + unit;
            }
        }
        return Long.toString(bytes);
    }
}
