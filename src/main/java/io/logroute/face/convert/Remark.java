package io.logroute.face.convert;

import java.util.Comparator;

/// Something that is not the same in the specs as it was in Logstash, or that people should know.
///
/// @param plugin its name, as in `mutate`; or what else it is about
/// @param option the option it is about; empty when it is the whole
/// @param text what was done, and what to do about it
public record Remark(Place at, Kind kind, String plugin, String option, String text) implements Comparable<Remark> {
    private static final Comparator<Remark> ORDER = Comparator.comparing(Remark::at)
            .thenComparing(Remark::kind)
            .thenComparing(Remark::plugin)
            .thenComparing(Remark::option)
            .thenComparing(Remark::text);

    /// How much it matters.
    public enum Kind {
        /// Nothing stands in its place.
        LEFT_OUT("left out"),
        /// What stands in its place is not quite the same, or wants something done by hand.
        CHANGED("changed"),
        /// It does the same; there is something to know.
        NOTE("note");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /// What it is about: `mutate gsub`.
    public String subject() {
        return option.isEmpty() ? plugin : plugin + " " + option;
    }

    @Override
    public int compareTo(Remark other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return "%s: %s: %s: %s".formatted(at, subject(), kind, text);
    }
}
