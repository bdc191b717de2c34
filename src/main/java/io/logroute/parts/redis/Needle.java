package io.logroute.parts.redis;

import java.util.Arrays;

/// A word to look for in bytes, in strides of about its length (Horspool).
final class Needle {
    private final byte[] word;
    /// By what stands where the word would end: how far it may be moved on.
    private final int[] strides = new int[256];

    Needle(String word) {
        this.word = Words.of(word);
        int length = this.word.length;
        Arrays.fill(strides, length);
        for (int i = 0; i < length - 1; i++) {
            strides[this.word[i] & 0xff] = length - 1 - i;
        }
    }

    boolean isIn(byte[] bytes, int from, int to) {
        int last = word.length - 1;
        for (int end = from + last; end < to; end += strides[bytes[end] & 0xff]) {
            if (bytes[end] == word[last] && Arrays.equals(bytes, end - last, end + 1, word, 0, word.length)) {
                return true;
            }
        }
        return false;
    }
}
