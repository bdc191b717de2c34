package io.logroute.parts.text;

import io.logroute.spec.FilterSpec.LogLevel;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the levels of other programs are on the one scale.
///
/// Names are those of syslog, log4j, Logback, `java.util.logging`, .NET, Python, Go's zap and zerolog,
/// pino, PostgreSQL; between two of ours the one below (`notice` is `info`), `verbose` the least, as in
/// .NET and Android. Letters are those of Android and glog.
///
/// Numbers 0 to 7 are syslog's, worst first; 10 to 60 those of pino and bunyan. Python's 10 to 50 mean
/// other levels by the same numbers, so they are taken for Python's only in fields that Python programs
/// write them to, [#PYTHONS]; and those of OpenTelemetry, 1 to 24, only in theirs, [#OTELS].
final class Levels {
    private static final Map<String, LogLevel> NAMES = new HashMap<>();

    static {
        names(LogLevel.TRACE, "trace", "trc", "trce", "finest", "verbose", "vrb", "silly", "t", "v");
        names(LogLevel.DEBUG, "debug", "dbg", "dbug", "fine", "finer", "d");
        names(LogLevel.DEBUG, "debug1", "debug2", "debug3", "debug4", "debug5");
        names(LogLevel.INFO, "info", "inf", "information", "informational", "notice", "note", "config", "log", "i");
        names(LogLevel.WARN, "warn", "wrn", "warning", "w");
        names(LogLevel.ERROR, "error", "err", "eror", "severe", "fail", "failure", "e");
        names(LogLevel.FATAL, "fatal", "ftl", "critical", "crit", "alert", "emergency", "emerg", "panic", "dpanic");
        names(LogLevel.FATAL, "f");
    }

    /// Fields of `logging` and structlog.
    static final Set<String> PYTHONS = Set.of("levelno", "level_number");

    /// Fields of OpenTelemetry.
    static final Set<String> OTELS = Set.of("severity_number", "severityNumber", "SeverityNumber");

    private Levels() {}

    private static void names(LogLevel level, String... names) {
        for (var name : names) {
            NAMES.put(name, level);
        }
    }

    /// The level in a field; `null` when it is none that is known.
    ///
    /// @param field the last key of the field
    static @Nullable LogLevel of(Object value, String field) {
        return switch (value) {
            case Long number -> number(number, field);
            case Double number
            when number == Math.rint(number) && Math.abs(number) < 1_000 -> number(number.longValue(), field);
            case String text -> text(text.strip(), field);
            default -> null;
        };
    }

    private static @Nullable LogLevel text(String text, String field) {
        if (!text.isEmpty() && text.length() <= 3 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return number(Long.parseLong(text), field);
        }
        return named(bare(text));
    }

    /// Without the brackets around.
    private static String bare(String text) {
        boolean isIn = text.length() > 2
                && (text.startsWith("[") && text.endsWith("]") || text.startsWith("<") && text.endsWith(">"));
        return isIn ? text.substring(1, text.length() - 1).strip() : text;
    }

    /// By name or letter, in any case.
    static @Nullable LogLevel named(String name) {
        return name.length() > 20 ? null : NAMES.get(name.toLowerCase(Locale.ROOT));
    }

    private static @Nullable LogLevel number(long number, String field) {
        if (OTELS.contains(field)) {
            return number < 1 || number > 24 ? null : LogLevel.values()[(int) (number - 1) / 4];
        }
        if (PYTHONS.contains(field)) {
            return number < 1 || number > 50 ? null : LogLevel.values()[(int) Math.min(5, Math.max(0, number / 10))];
        }
        if (number >= 0 && number <= 7) {
            return syslog((int) number);
        }
        return number < 10 || number > 60 ? null : LogLevel.values()[(int) number / 10 - 1];
    }

    /// Severities of syslog.
    static LogLevel syslog(int severity) {
        return switch (severity) {
            case 0, 1, 2 -> LogLevel.FATAL;
            case 3 -> LogLevel.ERROR;
            case 4 -> LogLevel.WARN;
            case 5, 6 -> LogLevel.INFO;
            default -> LogLevel.DEBUG;
        };
    }
}
