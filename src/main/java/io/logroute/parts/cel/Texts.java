package io.logroute.parts.cel;

import com.google.re2j.Pattern;
import dev.cel.common.CelErrorCode;
import dev.cel.common.exceptions.CelRuntimeException;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.standard.AddOperator.AddOverload;
import io.logroute.spec.Expressions;
import java.util.EnumSet;
import java.util.List;

/// The functions of CEL that make text longer than what they are given: `+`, `replace`, `join` and
/// `regex.replace`. They give what CEL's own give, but within a bound: what they make in one evaluation has
/// [Expressions#MOST_TEXT] characters together, so that no event can have a formula fill the memory. Beyond
/// it the evaluation fails.
final class Texts {
    /// Characters that may still be made in the evaluation that this thread is at.
    private static final ThreadLocal<long[]> LEFT = ThreadLocal.withInitial(() -> new long[1]);

    /// The bound is reached.
    static final class TooLong extends CelRuntimeException {
        TooLong() {
            super(
                    new IllegalArgumentException("more than %,d characters of text".formatted(Expressions.MOST_TEXT)),
                    CelErrorCode.INVALID_ARGUMENT);
        }
    }

    private Texts() {}

    /// An evaluation begins in this thread.
    static void begin() {
        LEFT.get()[0] = Expressions.MOST_TEXT;
    }

    /// The sum of two texts; it goes with the other overloads of its operator ([Mixed]).
    static CelFunctionBinding sum() {
        return CelFunctionBinding.from("add_string", String.class, String.class, Texts::sum);
    }

    /// Binds all but the sum.
    static void bindTo(CelRuntimeBuilder builder) {
        var others = EnumSet.allOf(CelStringExtensions.Function.class);
        others.remove(CelStringExtensions.Function.REPLACE);
        others.remove(CelStringExtensions.Function.JOIN);
        builder.setStandardFunctions(CelStandardFunctions.newBuilder()
                        .filterFunctions((_, overload) -> overload != AddOverload.ADD_STRING)
                        .build())
                .addLibraries(CelExtensions.strings(others))
                .addFunctionBindings(CelFunctionBinding.fromOverloads(
                        "replace",
                        CelFunctionBinding.from(
                                "string_replace_string_string",
                                List.of(String.class, String.class, String.class),
                                args -> replace((String) args[0], (String) args[1], (String) args[2], -1)),
                        CelFunctionBinding.from(
                                "string_replace_string_string_int",
                                List.of(String.class, String.class, String.class, Long.class),
                                args -> replace((String) args[0], (String) args[1], (String) args[2], (Long) args[3]))))
                .addFunctionBindings(CelFunctionBinding.fromOverloads(
                        "join",
                        CelFunctionBinding.from("list_join", List.class, list -> join(list, "")),
                        CelFunctionBinding.from("list_join_string", List.class, String.class, Texts::join)))
                .addFunctionBindings(CelFunctionBinding.fromOverloads(
                        "regex.replace",
                        CelFunctionBinding.from(
                                "regex_replaceAll_string_string_string",
                                List.of(String.class, String.class, String.class),
                                args -> replaceMatches((String) args[0], (String) args[1], (String) args[2], -1)),
                        CelFunctionBinding.from(
                                "regex_replaceCount_string_string_string_int",
                                List.of(String.class, String.class, String.class, Long.class),
                                args -> replaceMatches(
                                        (String) args[0], (String) args[1], (String) args[2], (Long) args[3]))));
    }

    private static void take(long characters) {
        var left = LEFT.get();
        left[0] -= characters;
        if (left[0] < 0) {
            throw new TooLong();
        }
    }

    private static String sum(String one, String other) {
        take((long) one.length() + other.length());
        return one + other;
    }

    /// @param most replacements; below 0, all
    static String replace(String text, String from, String to, long most) {
        if (most == 0 || from.equals(to)) {
            return text;
        }
        var out = new StringBuilder();
        int copied = 0;
        int at = text.indexOf(from);
        if (at < 0) {
            return text;
        }
        for (long left = most; at >= 0 && left != 0; left--) {
            append(text.substring(copied, at), out);
            append(to, out);
            copied = at + from.length();
            at = from.isEmpty() ? codePointAfter(text, at) : text.indexOf(from, copied);
        }
        append(text.substring(copied), out);
        return out.toString();
    }

    private static int codePointAfter(String text, int at) {
        return at == text.length() ? -1 : text.offsetByCodePoints(at, 1);
    }

    private static String join(List<?> parts, String between) {
        var out = new StringBuilder();
        boolean first = true;
        for (var part : parts) {
            if (!first) {
                append(between, out);
            }
            append(part.toString(), out);
            first = false;
        }
        return out.toString();
    }

    /// The expression was looked at before ([Expressions]).
    ///
    /// @param replacement with `\0` for all that matched, `\1` to `\9` for its groups and `\\` for a backslash
    /// @param most replacements; below 0, all
    private static String replaceMatches(String text, String expression, String replacement, long most) {
        if (most == 0) {
            return text;
        }
        var matcher = Pattern.compile(expression).matcher(text);
        var out = new StringBuilder();
        int copied = 0;
        for (long left = most; left != 0 && matcher.find(); left--) {
            append(text.substring(copied, matcher.start()), out);
            for (int i = 0; i < replacement.length(); i++) {
                char c = replacement.charAt(i);
                if (c != '\\') {
                    append(String.valueOf(c), out);
                    continue;
                }
                i++;
                char next = i < replacement.length() ? replacement.charAt(i) : 0;
                if (next == '\\') {
                    append("\\", out);
                } else if (next >= '0' && next <= '9' && next - '0' <= matcher.groupCount()) {
                    var group = matcher.group(next - '0');
                    append(group == null ? "" : group, out);
                } else {
                    throw new IllegalArgumentException(
                            "the replacement \"%s\" has a \\ before neither a digit of a group nor \\"
                                    .formatted(replacement));
                }
            }
            copied = matcher.end();
        }
        append(text.substring(copied), out);
        return out.toString();
    }

    private static void append(String text, StringBuilder out) {
        take(text.length());
        out.append(text);
    }
}
