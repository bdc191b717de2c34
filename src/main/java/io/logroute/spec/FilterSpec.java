package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What changes or drops events on their way along a route. Each works on all events of the
/// route, or on those that its `when` holds for.
public sealed interface FilterSpec {
    Optional<When> when();

    /// Its key in specs: `parse`, `drop`.
    default String kind() {
        return Words.key(getClass());
    }

    @Doc("Reads structure out of a text field. An event that does not have the field passes as it is.")
    record Parse(
            @Doc(value = "How.", beside = true) ParseSpec how,

            @Doc(value = "What happens to an event whose text is not of that form.", or = "tag")
            OnFailure onFailure,

            @Doc(value = "Only events that this holds for.", example = "event.msg.startsWith('{')")
            Optional<When> when)
            implements FilterSpec {}

    /// What happens to an event that cannot be parsed.
    enum OnFailure {
        @Doc("It stays as it is and gets a tag, such as `_jsonparsefailure`.")
        TAG,
        @Doc("It stays as it is.")
        KEEP,
        @Doc("It goes no further along this route.")
        DROP,
        @Doc("It goes to the dead letters of the route's sinks.")
        DEAD_LETTER
    }

    @Doc("Sets fields, over what is there.")
    record Set(
            @Doc(
                    value =
                            "Fields and their values. Text may have templates: `%{service_name}`. `{ cel: ... }` is a value"
                                    + " worked out in CEL. A field whose value asks for one that the event does not have is"
                                    + " not set.",
                    example =
                            "{ env: prod, title: \"%{service_name} says %{msg}\", slow: { cel: event.took_ms > 1000 } }")
            Map<FieldPath, FieldValue> fields,

            @Doc(value = "Only events that this holds for.", example = "event.stack_name == 'shop'")
            Optional<When> when)
            implements FilterSpec {
        public Set {
            fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
            require(!fields.isEmpty(), "fields is empty; write at least one, such as { env: prod }");
        }
    }

    @Doc(
            "Gives fields other names, all at once: the names on the left are those that the event comes with. A field that"
                    + " an event does not have does not matter; one of the new name is replaced.")
    record Rename(
            @Doc(
                    value = "Old names and new ones. Where two become the same, the last one written is it.",
                    example = "{ message: msg, \"[log][level]\": level }")
            Map<FieldPath, FieldPath> fields,

            @Doc(value = "Only events that this holds for.", example = "has(event.message)")
            Optional<When> when)
            implements FilterSpec {
        public Rename {
            fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
            require(!fields.isEmpty(), "fields is empty; write at least one, such as { message: msg }");
        }
    }

    @Doc(value = "Takes fields away.", plain = "fields")
    record Remove(
            @Doc(value = "The fields to take away.", example = "[labels, beat.version]")
            List<FieldPath> fields,

            @Doc(value = "Only events that this holds for.", example = "event.level == 'debug'")
            Optional<When> when)
            implements FilterSpec {
        public Remove {
            fields = List.copyOf(fields);
            require(!fields.isEmpty(), "fields is empty; write at least one, such as [labels]");
        }
    }

    @Doc(
            value = "Keeps these fields and takes all others away, but for `@timestamp` and `@metadata`.",
            plain = "fields")
    record Keep(
            @Doc(value = "The fields to keep.", example = "[service_name, level, msg]")
            List<FieldPath> fields,

            @Doc(value = "Only events that this holds for.", example = "event.stack_name == 'shop'")
            Optional<When> when)
            implements FilterSpec {
        public Keep {
            fields = List.copyOf(fields);
            require(!fields.isEmpty(), "fields is empty; write at least one, such as [msg]");
        }
    }

    @Doc("Gives fields another type; of a list, each item. A value that cannot become of that type stays as it is, and"
            + " the event gets the tag `_convertfailure`.")
    record Convert(
            @Doc(value = "Fields and their types.", example = "{ status: integer, took: float, cached: boolean }")
            Map<FieldPath, Kind> fields,

            @Doc(value = "Only events that this holds for.", example = "has(event.status)")
            Optional<When> when)
            implements FilterSpec {
        public Convert {
            fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
            require(!fields.isEmpty(), "fields is empty; write at least one, such as { status: integer }");
        }
    }

    /// What a value may become.
    enum Kind {
        @Doc("A whole number of 64 bits; fractions are cut off, `true` is 1. Text is a number in decimal digits: `503`,"
                + " `-12.7`, `1,234`.")
        INTEGER,
        @Doc("A decimal number.")
        FLOAT,
        @Doc("True or false: `true`, `t`, `yes`, `y`, `on`, `1`, and their opposites, in any case.")
        BOOLEAN,
        @Doc("Text; objects become JSON.")
        STRING
    }

    @Doc(
            "Reads the event's time out of a field, and writes it in ISO 8601 and UTC. Where it is none, the event keeps its"
                    + " time and gets the tag `_dateparsefailure`.")
    record Timestamp(
            @Doc(value = "The field that holds the time.", example = "time")
            FieldPath field,

            @Doc(
                    value = "Forms to try in order: `iso`, `epoch` (seconds, milliseconds, microseconds or nanoseconds,"
                            + " by its size), `epochSeconds`, `epochMillis`, `epochMicros`, `epochNanos`, or a pattern of"
                            + " letters such as `dd/MMM/yyyy:HH:mm:ss Z`. `yyyy` and `YYYY` both mean the calendar year. A pattern"
                            + " without a year takes the one that brings the time nearest to when the event came in.",
                    example = "[iso, \"dd/MMM/yyyy:HH:mm:ss Z\"]",
                    or = "[iso]")
            List<TimeForm> formats,

            @Doc(
                    value = "Time zone of times that name none: `Europe/Berlin`, `+02:00`.",
                    example = "Europe/Berlin",
                    or = "UTC")
            ZoneId zone,

            @Doc(value = "The field that gets the time.", example = "\"@timestamp\"", or = "\"@timestamp\"")
            FieldPath into,

            @Doc(value = "Only events that this holds for.", example = "has(event.time)")
            Optional<When> when)
            implements FilterSpec {
        public Timestamp {
            formats = List.copyOf(formats);
            require(!formats.isEmpty(), "formats is empty; write for instance [iso]");
        }
    }

    @Doc(
            value = "Brings the level of an event to one scale: `trace`, `debug`, `info`, `warn`, `error`, `fatal`. It"
                    + " understands their usual names, letters (`W`), the numbers of syslog (0 to 7) and of pino and bunyan (10"
                    + " to 60). Python's numbers mean other levels: they are taken for Python's in a field named `levelno` or"
                    + " `level_number`, and OpenTelemetry's in `severity_number`. A level that it does not know stays as it is, and the event"
                    + " gets the tag `_levelunknown`.",
            plain = "field")
    record Level(
            @Doc(
                    value = "The field that holds the level. Without it the first there is of `level`, `severity`,"
                            + " `loglevel`, `lvl` and `log.level`; without any of them, a level at the start of the line is"
                            + " taken, or behind a time or brackets there: `ERROR boom`, `10:15:30 [main] WARN ...`,"
                            + " `[warn] ...`.",
                    example = "severity")
            Optional<FieldPath> field,

            @Doc(value = "The field that gets it.", example = "level", or = "level")
            FieldPath into,

            @Doc(value = "What it is when there is none; not when there is one that is not known.", example = "info")
            Optional<LogLevel> otherwise,

            @Doc(value = "Only events that this holds for.", example = "event.stack_name == 'shop'")
            Optional<When> when)
            implements FilterSpec {}

    /// The one scale, from the least to the worst.
    enum LogLevel {
        @Doc("Every step.")
        TRACE,
        @Doc("For developers.")
        DEBUG,
        @Doc("What happened; syslog's notice, too.")
        INFO,
        @Doc("Something is not as it should be.")
        WARN,
        @Doc("Something failed.")
        ERROR,
        @Doc("The program cannot go on; syslog's critical, alert and emergency, too.")
        FATAL
    }

    @Doc("Drops events: they go no further along this route.")
    record Drop(
            @Doc(value = "Which events; without it, all.", example = "event.path == '/healthz'")
            Optional<When> when) implements FilterSpec {}

    @Doc(
            value =
                    "Lets a part of the events through and drops the others. The choice depends on the key, or else on the"
                            + " event's number in the buffer: it is the same for every sink, and after a restart.",
            plain = "rate")
    record Sample(
            @Doc(value = "The part that passes, from 0 to 1. Write it, or `oneIn`.", example = "0.1")
            Optional<Share> rate,

            @Doc(value = "One in so many passes. In place of `rate`.")
            Optional<Integer> oneIn,

            @Doc(
                    value =
                            "Events with the same key pass or go together, so that a trace stays whole, on every router. Without"
                                    + " it each event is for itself. Events that lack a field of the key pass.",
                    example = "\"%{trace_id}\"")
            Optional<FieldTemplate> key,

            @Doc(value = "Only events that this holds for; the others pass.", example = "event.level == 'debug'")
            Optional<When> when)
            implements FilterSpec {
        public Sample {
            require(
                    rate.isPresent() != oneIn.isPresent(),
                    "sample needs a rate or oneIn; write one of them, such as rate: 0.1");
            oneIn.ifPresent(n -> require(n >= 1, "oneIn is %d; write 1 or more", n));
        }
    }

    @Doc("Lets so many events through in a time, for each key, by the times at which they came in; what exceeds it is"
            + " dropped or dead-lettered, and counted.")
    record Throttle(
            @Doc(value = "Events in a time: `500/s`, `1000/m`, `10/h`.", example = "500/s")
            Pace rate,

            @Doc(
                    value =
                            "Events that may pass at once after a quiet time. Without it, what `rate` lets through in its"
                                    + " time.",
                    example = "1000")
            Optional<Integer> burst,

            @Doc(
                    value =
                            "Each key has a rate of its own; events that lack a field of it have one together. 100,000 keys are"
                                    + " remembered; the one that was not seen longest is forgotten.",
                    example = "\"%{service_name}\"",
                    or = "\"%{service_name}\"")
            FieldTemplate key,

            @Doc(value = "What happens to the events that exceed it.", or = "drop")
            Excess excess,

            @Doc(value = "Only events that this holds for; the others pass.", example = "event.level != 'error'")
            Optional<When> when)
            implements FilterSpec {
        public Throttle {
            burst.ifPresent(n -> require(n >= 1, "burst is %d; write 1 or more", n));
        }
    }

    /// What happens to events that exceed a rate.
    enum Excess {
        @Doc("They go no further along this route.")
        DROP,
        @Doc("They go to the dead letters of the route's sinks.")
        DEAD_LETTER
    }

    @Doc("Drops an event that says the same as one before it, by the times at which they came in.")
    record Dedupe(
            @Doc(
                    value = "What is the same of events that say the same. Events that lack a field of it pass.",
                    example = "\"%{container_id} %{msg}\"",
                    or = "\"%{container_id} %{msg}\"")
            FieldTemplate key,

            @Doc(
                    value =
                            "How long an event stands for those after it. What goes on for longer passes once in this time.",
                    example = "30s",
                    or = "30s")
            Duration window,

            @Doc(
                    value =
                            "Keys remembered at the same time, from 1 to 500,000 at about 150 bytes each; the oldest are"
                                    + " forgotten.",
                    or = "100000")
            int maxKeys,

            @Doc(value = "Only events that this holds for; the others pass.", example = "event.level == 'warn'")
            Optional<When> when)
            implements FilterSpec {
        public Dedupe {
            require(
                    window.compareTo(Duration.ofMillis(1)) >= 0 && window.compareTo(Duration.ofDays(1)) <= 0,
                    "window is %s; write 1ms to 1d",
                    Durations.write(window));
            require(
                    maxKeys >= 1 && maxKeys <= 500_000,
                    "maxKeys is %d; write a number from 1 to 500000 (each takes about 150 bytes)",
                    maxKeys);
        }
    }

    @Doc("Takes out of text what nobody should read there. Names of fields, and numbers, are left.")
    record Redact(
            @Doc(
                    value =
                            "Fields to look through; objects and lists with all that is in them. Without it the line: `msg`,"
                                    + " or `message` where there is no `msg`.",
                    example = "[msg, request]",
                    or = "[]")
            List<FieldPath> fields,

            @Doc(value = "Known patterns to look for.", example = "[email, card]", or = "[]")
            List<Known> patterns,

            @Doc(
                    value =
                            "Patterns of your own, by name: regular expressions. Of one with a group, only the first group is"
                                    + " taken out.",
                    example = "{ order: 'order-([0-9]+)' }",
                    or = "{}")
            Map<String, LinePattern> custom,

            @Doc(value = "What stands in its place.", example = "hash", or = "mask")
            Replace replace,

            @Doc(
                    value = "File with the salt of `replace: hash`: a secret, so that nobody can try values out.",
                    example = "/run/secrets/redact-salt")
            Optional<Path> saltFile,

            @Doc(value = "Only events that this holds for.", example = "event.stack_name == 'shop'")
            Optional<When> when)
            implements FilterSpec {
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,40}");

        public Redact {
            fields = List.copyOf(fields);
            patterns = List.copyOf(patterns);
            custom = Collections.unmodifiableMap(new LinkedHashMap<>(custom));
            require(
                    fields.stream().noneMatch(field -> field.keys().getLast().endsWith("*")),
                    "fields has a name with *, and fields are no patterns; name each, or the object that they are in");
            require(
                    !patterns.isEmpty() || !custom.isEmpty(),
                    "patterns is empty; write at least one, such as [email, card], or custom ones");
            require(
                    replace == Replace.HASH == saltFile.isPresent(),
                    "saltFile goes with replace: hash; write both or neither");
            for (var name : custom.keySet()) {
                require(
                        NAME.matcher(name).matches(),
                        "\"%s\" does not fit as the name of a pattern; use letters, digits, - and _, at most 40",
                        name);
                require(
                        Stream.of(Known.values())
                                .noneMatch(known -> known.name().equalsIgnoreCase(name)),
                        "\"%s\" is the name of a known pattern; give yours another one",
                        name);
            }
        }
    }

    /// Patterns that are known by name.
    enum Known {
        @Doc("Addresses of mail.")
        EMAIL,
        @Doc(
                "Numbers of payment cards: 13 to 19 digits that begin as those of a card network and whose check digit (Luhn)"
                        + " holds, with blanks or hyphens between them or not.")
        CARD,
        @Doc("International bank account numbers: of a country's length, and whose check digits hold.")
        IBAN,
        @Doc("Addresses of IP, version 4 and 6; not the versions of programs, where one can tell.")
        IP,
        @Doc("JSON Web Tokens.")
        JWT,
        @Doc("What looks like a secret: the value of `password=`, `token:`, `api_key=` and the like, `Authorization`"
                + " headers, passwords in addresses, private keys, and keys of well-known forms. Inside of `fields`, also"
                + " the text of a field with such a name.")
        SECRET
    }

    /// What stands in place of what is taken out.
    enum Replace {
        @Doc("Its name in brackets: `[email]`.")
        MASK,
        @Doc("Its name and a hash of it with the salt: `[email:3f9a1c0d2b4e]`; the same value gives the same hash.")
        HASH,
        @Doc("Nothing.")
        REMOVE
    }

    @Doc(
            value =
                    "Joins lines that belong together, such as a stack trace, into one event: the first line's, with the text"
                            + " of all. The lines wait in the buffer until they are delivered: none is lost when the router"
                            + " restarts.",
            plain = "preset")
    record Multiline(
            @Doc(value = "Lines of a known kind. Write it, or `start`, or `next`.", example = "java")
            Optional<Preset> preset,

            @Doc(value = "A line that this is found in begins an event; all others belong to the one before.")
            Optional<LinePattern> start,

            @Doc(value = "A line that this is found in belongs to the one before; all others begin an event.")
            Optional<LinePattern> next,

            @Doc(value = Line.WORDS, example = "msg") Optional<FieldPath> field,

            @Doc(
                    value = "Lines of the same key belong to the same stream. Without it whatever the event has of the"
                            + " container (`container_id`, or else `container_name` or `container_short_name`), `task_id`,"
                            + " `service_name`, the host (`host.name` or `host.hostname`), `log.file.path`, and `stream`"
                            + " beside them. Events that lack a field of the key, or all of these, pass.",
                    example = "\"%{container_id} %{stream}\"")
            Optional<FieldTemplate> key,

            @Doc(
                    value = "An event is complete when no line of its stream came for so long, by when they came in.",
                    example = "1s",
                    or = "1s")
            Duration flushAfter,

            @Doc(value = "Lines in an event at most; the next begins another one.", or = "500")
            int maxLines,

            @Doc(value = "Bytes of text in an event at most; the next line begins another one.", or = "256KiB")
            ByteSize maxBytes,

            @Doc(
                    value = "Only events that this holds for; the others pass.",
                    example = "event.service_name == 'shop_web'")
            Optional<When> when)
            implements FilterSpec {
        public Multiline {
            var written = Stream.of(preset.map(_ -> "preset"), start.map(_ -> "start"), next.map(_ -> "next"))
                    .flatMap(Optional::stream)
                    .toList();
            require(
                    written.size() <= 1,
                    "multiline has %s at once; leave all but one away",
                    String.join(" and ", written));
            require(
                    !written.isEmpty(),
                    "multiline needs a preset, start or next; write one of them, such as preset: java");
            require(
                    flushAfter.compareTo(Duration.ofMillis(10)) >= 0
                            && flushAfter.compareTo(Duration.ofMinutes(1)) <= 0,
                    "flushAfter is %s; write 10ms to 1m",
                    Durations.write(flushAfter));
            require(maxLines >= 2 && maxLines <= 100_000, "maxLines is %d; write a number from 2 to 100000", maxLines);
            require(
                    maxBytes.bytes() >= 1024 && maxBytes.bytes() <= 16 << 20,
                    "maxBytes is %s; write a size from 1KiB to 16MiB",
                    maxBytes);
        }
    }

    /// Kinds of lines that belong together.
    enum Preset {
        @Doc("Stack traces of Java and what runs beside it on the JVM.")
        JAVA,
        @Doc("Tracebacks of Python.")
        PYTHON,
        @Doc("Panics and goroutines of Go.")
        GO,
        @Doc("Backtraces of Ruby.")
        RUBY,
        @Doc("Stack traces of .NET.")
        DOTNET
    }

    @Doc(
            value =
                    "Makes fields of the fields inside of objects: `http: { status: 200 }` becomes `http.status: 200`. Lists"
                            + " stay lists. A field whose new name is taken stays in its object.",
            plain = "fields")
    record Flatten(
            @Doc(value = "Objects to flatten; all that the event has, when it is empty.", example = "[http]", or = "[]")
            List<FieldPath> fields,

            @Doc(value = "Stands between the names.", example = "_", or = "\".\"")
            String separator,

            @Doc(value = "Only events that this holds for.", example = "has(event.http)")
            Optional<When> when)
            implements FilterSpec {
        public Flatten {
            fields = List.copyOf(fields);
        }
    }

    @Doc(
            value =
                    "Makes an event of each item of a list, or of each part of a text that is not empty, each with the other"
                            + " fields. An event without the field, or with an empty one, passes as it is; one with neither a"
                            + " list nor a text there gets the tag `_split_type_failure`. One that would become more than"
                            + " 10,000 events, or 64 Mi characters, goes to the dead letters.",
            plain = "field")
    record Split(
            @Doc(value = "The field with the list or the text.", example = "records")
            FieldPath field,

            @Doc(
                    value = "What stands between the parts of a text; a line end unless something else is written.",
                    or = "\"\\n\"")
            String separator,

            @Doc(
                    value = "The field that gets the item; the list itself goes then. Without it, the field itself.",
                    example = "record")
            Optional<FieldPath> into,

            @Doc(value = "Only events that this holds for.", example = "has(event.records)")
            Optional<When> when)
            implements FilterSpec {
        public Split {
            require(!separator.isEmpty(), "separator is empty; write what stands between the parts, such as \",\"");
        }
    }
}
