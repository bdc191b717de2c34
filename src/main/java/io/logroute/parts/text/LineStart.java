package io.logroute.parts.text;

import io.logroute.spec.FilterSpec.LogLevel;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The level at the start of a line, or behind what programs write before it.
///
/// These are levels: a word in square brackets or with a colon behind it, in any case (`[warn] ...`,
/// `error: ...`), in brackets also behind a name (`[core:error]`); a word of three letters or more in
/// capitals (`ERROR boom`); what `level=` gives. At the very start also a capital in square brackets
/// (`[E]`), glog's letter with its date (`E1122 10:00:00`), and a priority of syslog (`<3>`, `<134>`).
///
/// Before it may stand, in the first [#REACH] characters: dates, times and their zones; what is in
/// brackets; `key=value`; and behind a time numbers, names that a ` - ` or ` | ` follows, and syslog's
/// host and program (`web app[7]:`). A level behind numbers and names of days alone is none: `3 ERROR
/// lines`. The first word of anything else ends the search, so that no word of a sentence is taken.
final class LineStart {
    static final int REACH = 80;
    /// Longest level and what is behind it.
    private static final int WORD = 16;

    private static final Pattern BRACKETS = Pattern.compile("\\[ *([A-Z]|[A-Za-z]{3,13}[1-5]?) *]");
    private static final Pattern MODULE = Pattern.compile("\\[[A-Za-z0-9_.-]{1,30}:([A-Za-z]{3,13}[1-5]?)]");
    private static final Pattern COLON = Pattern.compile("([A-Za-z]{3,13}[1-5]?) ?:(?![/:])");
    private static final Pattern CAPITALS = Pattern.compile("([A-Z]{3,13}[1-5]?)(?=[\\s|,;\\]]|$)");
    private static final Pattern PAIR =
            Pattern.compile("(?:level|lvl|loglevel|severity)=\"?([A-Za-z]{1,13}[1-5]?)\"?(?=\\s|$)");
    private static final List<Pattern> LEVELS = List.of(BRACKETS, MODULE, COLON, CAPITALS, PAIR);

    private static final Pattern GLOG = Pattern.compile("([IWEF])[01][0-9][0-3][0-9] ");
    private static final Pattern PRIORITY = Pattern.compile("<([0-9]{1,3})>");

    private static final Pattern BLANKS = Pattern.compile("[\\s|,;:-]+");
    /// A date with its year, or a time of the day, or both.
    private static final Pattern TIME = Pattern.compile("(?:[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}(?:T[0-9:.,]+)?"
            + "|[0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:.,]+"
            + "|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?=[\\s|,;\\]\\[-]|$)");
    private static final Pattern OF_TIME =
            Pattern.compile("(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul"
                    + "|Aug|Sep|Oct|Nov|Dec|UTC|GMT|CET|CEST|AM|PM|Z)|[+-]?[0-9]{1,4})(?=[\\s,|]|$)");
    private static final Pattern GROUP = Pattern.compile("\\[([^\\[\\]]{0,60})]|\\(([^()]{0,60})\\)");
    private static final Pattern KEYED = Pattern.compile("[A-Za-z_.]{1,20}=(?:\"[^\"]{0,60}\"|[^\\s\"]+)(?=\\s|$)");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}(?=\\s|$)");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.$@/#]{1,40}\\s+[|-](?=\\s)");
    private static final Pattern PROGRAM =
            Pattern.compile("[A-Za-z0-9_.-]{1,40} [A-Za-z0-9_./-]{1,40}\\[[0-9]{1,10}]:(?=\\s)");

    private LineStart() {}

    /// `null` when there is none.
    static @Nullable LogLevel level(String line) {
        var start = line.substring(0, Math.min(line.length(), REACH + WORD)).stripLeading();
        var priority = PRIORITY.matcher(start);
        if (priority.lookingAt()) {
            int number = Integer.parseInt(priority.group(1));
            return number > 191 ? null : Levels.syslog(number % 8);
        }
        var glog = GLOG.matcher(start);
        return glog.lookingAt()
                ? Levels.named(glog.group(1))
                : scan(start, true).orElse(null);
    }

    /// @param first whether a level may stand at the very start, before any time
    private static Optional<LogLevel> scan(String text, boolean first) {
        var matcher = BLANKS.matcher(text);
        int at = 0;
        boolean isTimed = false;
        boolean mayBe = first;
        while (at < text.length() && at <= REACH) {
            matcher.region(at, text.length());
            if (mayBe) {
                var level = at(matcher);
                if (level.isPresent()) {
                    return level;
                }
            }
            if (reaches(matcher, TIME)) {
                isTimed = true;
                mayBe = true;
            } else if (reaches(matcher, GROUP)) {
                var within = matcher.group(1) == null ? Optional.<LogLevel>empty() : scan(matcher.group(1), false);
                if (within.isPresent()) {
                    return within;
                }
                mayBe = true;
            } else if (reaches(matcher, KEYED)) {
                mayBe = true;
            } else if (reaches(matcher, OF_TIME)) {
                mayBe = isTimed;
            } else if (!(isTimed && (reaches(matcher, NUMBER) || reaches(matcher, NAME) || reaches(matcher, PROGRAM)))
                    && !(at > 0 && reaches(matcher, BLANKS))) {
                return Optional.empty();
            }
            at = matcher.end();
        }
        return Optional.empty();
    }

    private static Optional<LogLevel> at(Matcher matcher) {
        for (var form : LEVELS) {
            if (reaches(matcher, form)) {
                var level = Levels.named(matcher.group(1));
                if (level != null) {
                    return Optional.of(level);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean reaches(Matcher matcher, Pattern form) {
        return matcher.usePattern(form).lookingAt();
    }
}
