package io.logroute.parts.syslog;

import io.logroute.flow.Timestamps;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes fields of one message, RFC 5424 or RFC 3164, told apart by the version behind the priority.
///
/// RFC 3164 describes what is seen rather than what must be: a message may lack timestamp, host or tag,
/// as Docker's driver leaves the host away, and rsyslog writes timestamps of RFC 3339. What has no
/// priority at all is kept as text with the tag `_syslogparsefailure`.
final class SyslogMessage {
    /// The tag of an event that came in as something that is no syslog.
    static final String UNREADABLE = "_syslogparsefailure";
    /// The tag of the pieces of a message that was too long.
    static final String CUT = "_syslogtoolong";
    /// The connection ended before the rest of it came.
    static final String TORN = "_syslogincomplete";

    private static final List<String> FACILITIES = List.of(
            "kern",
            "user",
            "mail",
            "daemon",
            "auth",
            "syslog",
            "lpr",
            "news",
            "uucp",
            "cron",
            "authpriv",
            "ftp",
            "ntp",
            "audit",
            "alert",
            "clock",
            "local0",
            "local1",
            "local2",
            "local3",
            "local4",
            "local5",
            "local6",
            "local7");

    /// The words of severities, as the `level` filter knows them.
    static final List<String> LEVELS =
            List.of("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug");

    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
    private static final int MOST_ELEMENTS = 1_000;
    private static final int LONGEST_NAME = 255;

    private final String text;
    private final Instant received;
    private final ZoneId zone;
    private int at;
    private final Map<String, @Nullable Object> syslog = new LinkedHashMap<>();
    private @Nullable Instant time;
    private @Nullable String host;
    private @Nullable String program;
    private @Nullable String pid;
    private @Nullable String level;
    private boolean isReadable = true;

    private SyslogMessage(String text, Instant received, ZoneId zone) {
        this.text = text;
        this.received = received;
        this.zone = zone;
    }

    /// @param sender its address, for who does not name itself
    static Map<String, @Nullable Object> fields(
            byte[] bytes, int from, int to, String sender, Instant received, ZoneId zone) {
        var text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        return new SyslogMessage(text, received, zone).read(sender);
    }

    /// Text that is no message of its own, such as the rest of one that is too long.
    static Map<String, @Nullable Object> plain(String text, String sender, Instant received, String tag) {
        var event = new LinkedHashMap<String, @Nullable Object>();
        event.put("@timestamp", Timestamps.format(received));
        event.put("message", text);
        event.put("syslog", Map.of("sender", sender));
        event.put("tags", List.of(tag));
        return event;
    }

    private Map<String, @Nullable Object> read(String sender) {
        int priority = priority();
        if (priority < 0) {
            return plain(text, sender, received, UNREADABLE);
        }
        int facility = priority >> 3;
        int severity = priority & 7;
        syslog.put("facility", facility < FACILITIES.size() ? FACILITIES.get(facility) : Integer.toString(facility));
        syslog.put("severity", (long) severity);
        level = LEVELS.get(severity);
        var message = text.startsWith("1 ", at) ? rfc5424() : rfc3164();
        syslog.put("sender", sender);

        var event = new LinkedHashMap<String, @Nullable Object>();
        event.put("@timestamp", Timestamps.format(time == null ? received : time));
        event.put("message", message);
        event.put("level", level);
        event.put("host", Map.of("name", host == null ? sender : host));
        var process = new LinkedHashMap<String, @Nullable Object>();
        if (program != null) {
            process.put("name", program);
        }
        if (pid != null) {
            process.put("pid", pid);
        }
        if (!process.isEmpty()) {
            event.put("process", process);
        }
        event.put("syslog", syslog);
        if (!isReadable) {
            event.put("tags", List.of(UNREADABLE));
        }
        return event;
    }

    /// `<34>`; -1 when there is none.
    private int priority() {
        int end = text.indexOf('>');
        if (!text.startsWith("<") || end < 2 || end > 4) {
            return -1;
        }
        int value = 0;
        for (int i = 1; i < end; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = 10 * value + c - '0';
        }
        at = end + 1;
        return value > 191 ? -1 : value;
    }

    private String rfc5424() {
        int start = at;
        at += 2;
        syslog.put("version", 1L);
        var stamp = word();
        host = orNone(word());
        program = orNone(word());
        pid = orNone(word());
        var id = orNone(word());
        if (id != null) {
            syslog.put("msgid", id);
        }
        if (stamp != null && !stamp.equals("-")) {
            time = Timestamps.parse(stamp);
            isReadable = time != null;
        }
        boolean isStructured = structured();
        if (stamp == null || !isStructured) {
            isReadable = false;
            at = start;
            return text.substring(start);
        }
        if (text.startsWith(" ", at)) {
            at++;
        }
        if (text.startsWith("\uFEFF", at)) {
            at++;
        }
        var message = text.substring(at);
        return isReadable ? message : text.substring(start);
    }

    private static @Nullable String orNone(@Nullable String word) {
        return word == null || word.equals("-") || word.isEmpty() ? null : word;
    }

    /// What stands up to the next space, which is passed; `null` at the end.
    private @Nullable String word() {
        if (at >= text.length()) {
            return null;
        }
        int end = text.indexOf(' ', at);
        int to = end < 0 ? text.length() : end;
        var word = text.substring(at, to);
        at = end < 0 ? to : end + 1;
        return word;
    }

    /// `-`, or elements `[id name="value" ...]` end to end.
    private boolean structured() {
        if (text.startsWith("-", at)) {
            at++;
            return at == text.length() || text.charAt(at) == ' ';
        }
        var data = new LinkedHashMap<String, @Nullable Object>();
        int count = 0;
        while (at < text.length() && text.charAt(at) == '[') {
            at++;
            int end = end(" ]");
            if (end <= at || count++ > MOST_ELEMENTS) {
                return false;
            }
            var id = text.substring(at, end);
            at = end;
            var values = new LinkedHashMap<String, @Nullable Object>();
            if (!parameters(values)) {
                return false;
            }
            data.put(id, values);
        }
        if (data.isEmpty()) {
            return false;
        }
        syslog.put("structured_data", data);
        return at == text.length() || text.charAt(at) == ' ';
    }

    private boolean parameters(Map<String, @Nullable Object> into) {
        var values = new LinkedHashMap<String, List<String>>();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == ']') {
                values.forEach((name, all) -> into.put(name, all.size() == 1 ? all.getFirst() : all));
                return true;
            }
            if (c != ' ') {
                return false;
            }
            if (at < text.length() && (text.charAt(at) == ']' || text.charAt(at) == ' ')) {
                continue;
            }
            int end = end("=");
            if (end <= at || end - at > LONGEST_NAME || values.size() > MOST_ELEMENTS || !text.startsWith("=\"", end)) {
                return false;
            }
            var name = text.substring(at, end);
            at = end + 2;
            var value = quoted();
            if (value == null) {
                return false;
            }
            values.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(value);
        }
        return false;
    }

    private @Nullable String quoted() {
        var value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return value.toString();
            }
            boolean isEscape = c == '\\' && at < text.length() && "\"\\]".indexOf(text.charAt(at)) >= 0;
            value.append(isEscape ? text.charAt(at++) : c);
        }
        return null;
    }

    /// Where one of these stands next; -1 when none does.
    private int end(String any) {
        for (int i = at; i < text.length(); i++) {
            if (any.indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private String rfc3164() {
        int start = at;
        // Some Cisco devices number their messages, and some write two spaces.
        while (text.startsWith(" ", at)) {
            at++;
        }
        if (!bsdTime() && !isoTime()) {
            at = start;
        } else {
            host();
        }
        tag();
        return text.substring(at);
    }

    /// `Oct 11 22:14:15`, with or without a year behind the day, fractions behind the seconds.
    private boolean bsdTime() {
        if (at + 15 > text.length()) {
            return false;
        }
        int month = MONTHS.indexOf(text.substring(at, at + 3)) + 1;
        if (month == 0 || text.charAt(at + 3) != ' ') {
            return false;
        }
        int i = at + 4;
        while (i < text.length() && text.charAt(i) == ' ') {
            i++;
        }
        int dayEnd = digits(i, 2);
        int day = number(i, dayEnd);
        i = dayEnd + 1;
        int year = -1;
        int yearEnd = digits(i, 4);
        if (yearEnd - i == 4 && text.startsWith(" ", yearEnd)) {
            year = number(i, yearEnd);
            i = yearEnd + 1;
        }
        if (day < 1 || i + 8 > text.length() || text.charAt(i + 2) != ':' || text.charAt(i + 5) != ':') {
            return false;
        }
        int hour = number(i, digits(i, 2));
        int minute = number(i + 3, digits(i + 3, 2));
        int second = number(i + 6, digits(i + 6, 2));
        i += 8;
        int nanos = 0;
        if (text.startsWith(".", i)) {
            int end = digits(i + 1, 9);
            nanos = end == i + 1 ? 0 : (int) (number(i + 1, end) * Math.pow(10, 9 - (end - i - 1)));
            i = end;
        }
        try {
            time = moment(year, month, day, hour, minute, second, nanos);
        } catch (DateTimeException e) {
            return false;
        }
        at = i;
        passColonAndSpaces();
        return true;
    }

    /// Without a year, that of the receipt counts, or the one before when it would lie in the future.
    private Instant moment(int year, int month, int day, int hour, int minute, int second, int nanos) {
        int leap = Math.min(second, 59);
        if (year >= 0) {
            return LocalDateTime.of(year, month, day, hour, minute, leap, nanos)
                    .atZone(zone)
                    .toInstant();
        }
        int now = received.atZone(zone).getYear();
        var best = Instant.MIN;
        var latest = received.plusSeconds(7 * 86_400);
        for (int each = now + 1; each >= now - 4; each--) {
            if (month == 2 && day == 29 && !java.time.Year.isLeap(each)) {
                continue;
            }
            best = LocalDateTime.of(each, month, day, hour, minute, leap, nanos)
                    .atZone(zone)
                    .toInstant();
            if (!best.isAfter(latest)) {
                return best;
            }
        }
        return best;
    }

    private boolean isoTime() {
        int end = text.indexOf(' ', at);
        if (end < at + 19 || end > at + 40 || text.charAt(at + 4) != '-') {
            return false;
        }
        var parsed = Timestamps.parse(text.substring(at, end));
        if (parsed == null) {
            return false;
        }
        time = parsed;
        at = end;
        passColonAndSpaces();
        return true;
    }

    private void passColonAndSpaces() {
        if (text.startsWith(": ", at)) {
            at++;
        }
        while (text.startsWith(" ", at)) {
            at++;
        }
    }

    /// Digits from here on, at most so many.
    private int digits(int from, int most) {
        int i = from;
        while (i < text.length() && i < from + most && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
            i++;
        }
        return i;
    }

    private int number(int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            value = 10 * value + text.charAt(i) - '0';
        }
        return from >= to ? -1 : value;
    }

    /// A host stands behind the time, unless it is a tag, which has a colon or a bracket.
    private void host() {
        int end = text.indexOf(' ', at);
        if (end < 0) {
            return;
        }
        var word = text.substring(at, end);
        if (word.isEmpty() || word.endsWith(":") || word.indexOf('[') >= 0 || word.length() > LONGEST_NAME) {
            return;
        }
        host = word;
        at = end + 1;
    }

    /// `name[pid]: ` or `name: `; Docker's may be long and have slashes.
    private void tag() {
        int i = at;
        while (i < text.length() && i - at <= LONGEST_NAME && " :[".indexOf(text.charAt(i)) < 0) {
            i++;
        }
        if (i == at || i >= text.length()) {
            return;
        }
        int nameEnd = i;
        String id = null;
        if (text.charAt(i) == '[') {
            int close = text.indexOf(']', i);
            if (close < 0 || close - i > LONGEST_NAME) {
                return;
            }
            id = text.substring(i + 1, close);
            i = close + 1;
        }
        boolean isTag = i < text.length()
                && text.charAt(i) == ':'
                && (i + 1 == text.length() || text.charAt(i + 1) == ' ' || id != null);
        if (!isTag) {
            return;
        }
        program = text.substring(at, nameEnd);
        pid = id == null || id.isEmpty() ? null : id;
        at = i + 1;
        if (text.startsWith(" ", at)) {
            at++;
        }
    }
}
