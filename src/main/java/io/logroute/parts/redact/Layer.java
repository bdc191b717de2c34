package io.logroute.parts.redact;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// A text as it is meant when it is the inside of JSON: `\n` is a line end, `\u0040` an `@`. Each of its
/// characters knows its place in the text that it was read from, an escape as a whole.
///
/// Where the text is a whole document of JSON, a quote without a backslash ends a string of it: nothing
/// that is found in what is meant reaches beyond.
final class Layer {
    /// JSON in JSON in JSON; deeper ones are not read.
    private static final int MOST = 4;

    private static final String LETTERS = "ntrbf\"\\/";
    private static final String MEANT = "\n\t\r\b\f\"\\/";
    private static final int UNICODE = "\\u0040".length();

    private final String text;
    /// Of each character, and of the end.
    private final int[] places;
    /// Quotes that had no backslash.
    private final BitSet ends;

    private Layer(String text, int[] places, BitSet ends) {
        this.text = text;
        this.places = places;
        this.ends = ends;
    }

    /// The text itself, and what its escapes mean, as long as there are any. None for a text without
    /// backslashes.
    static List<Layer> of(String text) {
        if (text.indexOf('\\') < 0) {
            return List.of();
        }
        var layers = new ArrayList<Layer>(MOST);
        var places = new int[text.length() + 1];
        Arrays.setAll(places, i -> i);
        var layer = new Layer(text, places, new BitSet());
        layers.add(layer);
        for (var next = layer.inner(); layers.size() < MOST && next.text.length() < layer.text.length(); ) {
            layers.add(next);
            layer = next;
            next = layer.inner();
        }
        return layers;
    }

    private Layer inner() {
        var meant = new StringBuilder(text.length());
        var from = new int[places.length];
        var quotes = new BitSet();
        int i = 0;
        while (i < text.length()) {
            from[meant.length()] = places[i];
            int length = escape(i);
            quotes.set(meant.length(), text.charAt(i) == '"');
            meant.append(
                    switch (length) {
                        case 1 -> text.charAt(i);
                        case 2 -> MEANT.charAt(LETTERS.indexOf(text.charAt(i + 1)));
                        default -> (char) Integer.parseInt(text, i + 2, i + UNICODE, 16);
                    });
            i += length;
        }
        from[meant.length()] = places[i];
        return new Layer(meant.toString(), Arrays.copyOf(from, meant.length() + 1), quotes);
    }

    /// Characters of the escape that begins there; 1 when none does.
    private int escape(int at) {
        if (text.charAt(at) != '\\' || at + 1 == text.length()) {
            return 1;
        }
        if (LETTERS.indexOf(text.charAt(at + 1)) >= 0) {
            return ends.get(at + 1) ? 1 : 2;
        }
        if (text.charAt(at + 1) != 'u' || at + UNICODE > text.length()) {
            return 1;
        }
        for (int i = at + 2; i < at + UNICODE; i++) {
            if (!Chars.isHex(text.charAt(i))) {
                return 1;
            }
        }
        return UNICODE;
    }

    String text() {
        return text;
    }

    /// Before what ends a string between the two; else `to`.
    int within(int from, int to) {
        int end = ends.nextSetBit(from);
        return end < 0 ? to : Math.min(end, to);
    }

    /// Where the character at `at` begins in the text that all layers are of.
    int place(int at) {
        return places[at];
    }

    /// The first place from there on at which a character of this layer begins.
    int from(int place) {
        int at = Arrays.binarySearch(places, place);
        return at >= 0 ? place : places[-at - 1];
    }

    /// The last place up to there at which one begins.
    int upTo(int place) {
        int at = Arrays.binarySearch(places, place);
        return at >= 0 ? place : places[-at - 2];
    }
}
