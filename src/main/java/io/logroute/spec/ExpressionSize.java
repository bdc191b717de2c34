package io.logroute.spec;

/// How large an RE2 expression becomes when its counted repetitions are written out, from above and without
/// writing them out: `((a{1000}){1000}){1000}` is a thousand million, and compiling it would take all memory
/// there is.
final class ExpressionSize {
    /// Steps of an expression written out, at most; what is compiled is looked at more closely.
    static final long MOST = 20_000;

    /// Groups in groups, at most.
    private static final int DEEPEST = 100;

    private static final long FAR = Integer.MAX_VALUE;

    private final String text;
    private final long[] sums = new long[DEEPEST + 1];
    private int depth;
    /// What the part before weighs, which a repetition behind it repeats.
    private long last;
    private int at;

    private ExpressionSize(String text) {
        this.text = text;
    }

    /// Whether it may be compiled. What is no RE2 expression may, and is refused there.
    static boolean isBounded(String expression) {
        return new ExpressionSize(expression).size() <= MOST;
    }

    private long size() {
        while (at < text.length()) {
            switch (text.charAt(at++)) {
                case '(' -> {
                    if (depth == DEEPEST) {
                        return FAR;
                    }
                    head();
                    sums[++depth] = 0;
                    last = 0;
                }
                case ')' -> {
                    if (depth == 0) {
                        return sums[0];
                    }
                    part(sums[depth--] + 1);
                }
                case '|' -> part(1);
                case '*', '+', '?' -> {
                    sums[depth] = Math.min(FAR, sums[depth] + 1);
                    last++;
                }
                case '{' -> repeated();
                case '[' -> set();
                case '\\' -> escape();
                default -> part(1);
            }
        }
        // What opens and does not close is no expression; its sums count all the same.
        long all = 0;
        for (int i = 0; i <= depth; i++) {
            all += sums[i];
        }
        return all;
    }

    private void part(long size) {
        last = size;
        sums[depth] = Math.min(FAR, sums[depth] + size);
    }

    /// `?:`, `?i:`, `?P<name>`: what stands at the beginning of a group and is no part of it.
    private void head() {
        if (!text.startsWith("?", at)) {
            return;
        }
        boolean isNamed = text.startsWith("?P<", at) || text.startsWith("?<", at);
        int end = at;
        while (end < text.length() && (isNamed ? text.charAt(end) != '>' : ":)".indexOf(text.charAt(end)) < 0)) {
            end++;
        }
        boolean isInside = end < text.length() && text.charAt(end) != ')';
        at = isInside ? end + 1 : end;
    }

    /// `{3}`, `{3,}` or `{3,5}`; anything else in braces is text.
    private void repeated() {
        int i = at;
        long count = 0;
        long largest = 0;
        while (i < text.length() && text.charAt(i) != '}') {
            char c = text.charAt(i++);
            if (c == ',') {
                largest = count;
                count = 0;
            } else if (c >= '0' && c <= '9') {
                count = Math.min(FAR, count * 10 + (c - '0'));
            } else {
                part(1);
                return;
            }
        }
        if (i == text.length()) {
            part(1);
            return;
        }
        at = i + 1;
        long times = Math.max(1, Math.max(largest, count));
        // An optional turn costs one more step.
        long each = Math.min(FAR, last + 1);
        sums[depth] = Math.min(FAR, sums[depth] + Math.min(FAR, each * times));
        last = Math.min(FAR, each * times);
    }

    /// `[^a-z[:digit:]\]]`. A `]` that stands first is one of the set.
    private void set() {
        part(1);
        if (at < text.length() && text.charAt(at) == '^') {
            at++;
        }
        boolean first = true;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ']' && !first) {
                at++;
                return;
            }
            first = false;
            int end = text.startsWith("[:", at) ? text.indexOf(":]", at + 2) : -1;
            at = end >= 0 ? end + 2 : c == '\\' ? at + 2 : at + 1;
        }
    }

    private void escape() {
        if (at == text.length()) {
            return;
        }
        char c = text.charAt(at++);
        switch (c) {
            case 'Q' -> {
                int end = text.indexOf("\\E", at);
                int to = end < 0 ? text.length() : end;
                part(Math.max(1, to - at));
                at = end < 0 ? to : end + 2;
            }
            case 'p', 'P', 'x' -> {
                part(1);
                int end = text.startsWith("{", at) ? text.indexOf('}', at) : -1;
                at = end < 0 ? at : end + 1;
            }
            default -> part(1);
        }
    }
}
