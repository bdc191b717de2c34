package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/// So many events in a time: `500/s`.
///
/// @param per a second, a minute, an hour or a day
public record Pace(long events, Duration per) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,12}) ?/ ?(s|m|h|d)");
    private static final Map<String, Duration> TIMES = Map.of(
            "s", Duration.ofSeconds(1), "m", Duration.ofMinutes(1), "h", Duration.ofHours(1), "d", Duration.ofDays(1));

    public Pace {
        require(events >= 1, "%d events are none; write 1 or more, such as 500/s", events);
        require(TIMES.containsValue(per), "%s is no time of a pace; write /s, /m, /h or /d", per);
    }

    /// @throws IllegalArgumentException when the text is no pace
    public static Pace parse(String text) {
        var form = FORM.matcher(text.strip());
        require(form.matches(), "\"%s\" is no pace; write for instance 500/s, 1000/m or 10/h", text);
        var per = TIMES.get(form.group(2));
        if (per == null) {
            throw new IllegalStateException(form.group(2));
        }
        return new Pace(Long.parseLong(form.group(1)), per);
    }

    @Override
    public String toString() {
        return events + "/"
                + TIMES.entrySet().stream()
                        .filter(each -> each.getValue().equals(per))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElseThrow();
    }
}
