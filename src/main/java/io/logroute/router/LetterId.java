package io.logroute.router;

import java.util.regex.Pattern;

/// Names one dead letter of a sink: the number of its file and where its line begins there, written
/// `3-81920`; on a stream, when that was made (in seconds) and its number there, `1795999999-12`. It
/// stays the same as long as the letter is there, and is never given to another. Later letters have
/// greater ids.
public record LetterId(long file, long offset) implements Comparable<LetterId> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

    /// Before every letter.
    public static final LetterId START = new LetterId(0, 0);

    /// Behind every letter.
    public static final LetterId AFTER_ALL = new LetterId(Long.MAX_VALUE, 0);

    public LetterId {
        if (file < 0 || offset < 0) {
            throw new IllegalArgumentException("%d-%d is no letter's id; they are positive".formatted(file, offset));
        }
    }

    /// @throws IllegalArgumentException when the text is none
    public static LetterId parse(String text) {
        var form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "\"%s\" is no letter's id; they look like 1-4096, and logroute dlq show tells them"
                            .formatted(text));
        }
        return new LetterId(Long.parseLong(form.group(1)), Long.parseLong(form.group(2)));
    }

    @Override
    public int compareTo(LetterId other) {
        int files = Long.compare(file, other.file);
        return files != 0 ? files : Long.compare(offset, other.offset);
    }

    @Override
    public String toString() {
        return file + "-" + offset;
    }
}
