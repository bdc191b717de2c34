package io.logroute.spec;

import static io.logroute.spec.RegexCheck.place;
import static io.logroute.spec.Require.require;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/// A dissect pattern, as Logstash and Beats know it: fields, and the text that stands between them.
///
///     "%{time} [%{thread->}] %{text}"   is   a field up to " [", one up to "] ", and one with the rest
///
/// [#pieces] takes it apart.
public record Dissection(String text) {
    private static final int MOST_FIELDS = 500;

    /// What happens to a part.
    public enum Use {
        /// It becomes a field: `%{name}`.
        TAKE,
        /// It is skipped: `%{}`, or `%{?name}`.
        SKIP,
        /// It is put behind what the field has: `%{+name}`.
        APPEND,
        /// It is the name of a field: `%{*key}`.
        NAME,
        /// It is the value of the field so named: `%{&key}`.
        VALUE
    }

    /// What a part becomes.
    public enum Kind {
        TEXT,
        INTEGER,
        FLOAT,
        BOOLEAN
    }

    /// One part.
    ///
    /// @param name what stands in the braces; empty for `%{}`
    /// @param order where an appended part goes among those of its name; by their order where it is not written
    /// @param padded whether what stands behind it may stand there several times
    /// @param until what stands behind it; empty for the last, which takes the rest
    public record Part(Use use, String name, int order, boolean padded, Kind kind, String until) {
        /// The field it goes to, of those that go to one.
        public FieldPath field() {
            return FieldPath.parse(name);
        }

        private Part until(String delimiter) {
            return new Part(use, name, order, padded, kind, delimiter);
        }
    }

    /// @param before what the text begins with
    /// @param parts at least one
    public record Pieces(String before, List<Part> parts) {
        public Pieces {
            parts = List.copyOf(parts);
        }
    }

    public Dissection {
        require(text.contains("%{"), "\"%s\" takes nothing; write for instance \"%%{time} %%{level} %%{text}\"", text);
        check(read(text).parts);
    }

    public Pieces pieces() {
        return read(text);
    }

    private static Pieces read(String text) {
        int open = text.indexOf("%{");
        var before = text.substring(0, open);
        var parts = new ArrayList<Part>();
        while (open >= 0) {
            int close = text.indexOf('}', open);
            require(
                    close >= 0,
                    "%s opens %%{ at %s and does not close it; write } after its name",
                    RegexCheck.quoted(text),
                    place(text, open));
            int inner = text.indexOf("%{", open + 1);
            require(
                    inner < 0 || inner > close,
                    "%s opens %%{ inside of another, at %s; write } after the name before it",
                    RegexCheck.quoted(text),
                    place(text, inner));
            int next = text.indexOf("%{", close);
            var until = text.substring(close + 1, next < 0 ? text.length() : next);
            require(
                    next < 0 || !until.isEmpty(),
                    "nothing stands between %s and the next, at %s; write what separates them",
                    text.substring(open, close + 1),
                    place(text, close + 1));
            parts.add(part(text.substring(open + 2, close)).until(until));
            require(parts.size() <= MOST_FIELDS, "the pattern has more than %d parts; write fewer", MOST_FIELDS);
            open = next;
        }
        return new Pieces(before, parts);
    }

    /// What stands between the braces: `+name/2->|integer`, in parts.
    private static Part part(String written) {
        var name = written;
        var kind = Kind.TEXT;
        int bar = name.indexOf('|');
        if (bar >= 0) {
            kind = kind(written, name.substring(bar + 1));
            name = name.substring(0, bar);
        }
        boolean padded = name.endsWith("->");
        if (padded) {
            name = name.substring(0, name.length() - 2);
        }
        var use = name.isEmpty() ? Use.SKIP : use(name.charAt(0));
        if (use != Use.TAKE && !name.isEmpty()) {
            name = name.substring(1);
        }
        int order = -1;
        int slash = use == Use.APPEND ? name.lastIndexOf('/') : -1;
        if (slash >= 0) {
            var digits = name.substring(slash + 1);
            require(
                    digits.matches("[0-9]{1,4}"),
                    "%%{%s} has no number after its /; write for instance %%{+%s/2}",
                    written,
                    name.substring(0, slash));
            order = Integer.parseInt(digits);
            name = name.substring(0, slash);
        }
        require(
                use == Use.SKIP || !name.isBlank(),
                "%%{%s} has no name; write for instance %%{%sname}, or %%{} to skip it",
                written,
                written.strip());
        require(
                use != Use.APPEND || name.indexOf('&') != 0 && name.indexOf('*') != 0,
                "%%{%s} cannot append to a field that the text names; write %%{%s}",
                written,
                name);
        require(
                kind == Kind.TEXT || use == Use.TAKE || use == Use.VALUE,
                "%%{%s} cannot be of a type; write it with %%{name|integer} or %%{&key|integer}",
                written);
        if (use == Use.TAKE || use == Use.APPEND) {
            try {
                FieldPath.parse(name);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("%%{%s}: %s".formatted(written, e.getMessage()), e);
            }
        }
        return new Part(use, name, order, padded, kind, "");
    }

    private static Use use(char first) {
        return switch (first) {
            case '?' -> Use.SKIP;
            case '+' -> Use.APPEND;
            case '*' -> Use.NAME;
            case '&' -> Use.VALUE;
            default -> Use.TAKE;
        };
    }

    private static Kind kind(String written, String type) {
        return switch (type.strip().toLowerCase(Locale.ROOT)) {
            case "integer", "int", "long" -> Kind.INTEGER;
            case "float", "double" -> Kind.FLOAT;
            case "boolean" -> Kind.BOOLEAN;
            case "string", "keyword", "ip" -> Kind.TEXT;
            default ->
                throw new IllegalArgumentException(
                        "%%{%s} names no type that is known; write integer, float, boolean or string behind the |"
                                .formatted(written));
        };
    }

    private static void check(List<Part> parts) {
        var taken = new HashSet<String>();
        var orders = new HashSet<String>();
        for (var part : parts) {
            switch (part.use) {
                case TAKE ->
                    require(
                            taken.add(part.name),
                            "%%{%s} stands twice; write %%{+%s} to append, or give one another name",
                            part.name,
                            part.name);
                case APPEND ->
                    require(
                            part.order < 0 || orders.add(part.name + "/" + part.order),
                            "%%{+%s/%d} stands twice; write each place once",
                            part.name,
                            part.order);
                case NAME -> {
                    require(!named(parts, Use.NAME, part), "%%{*%s} stands twice; write it once", part.name);
                    require(
                            named(parts, Use.VALUE, part),
                            "%%{*%s} has no value; write %%{&%s} where that stands",
                            part.name,
                            part.name);
                }
                case VALUE ->
                    require(
                            named(parts, Use.NAME, part)
                                    || named(parts, Use.SKIP, part)
                                    || named(parts, Use.TAKE, part),
                            "%%{&%s} has no name; write %%{*%s} where that stands",
                            part.name,
                            part.name);
                case SKIP -> {}
            }
        }
        require(
                parts.stream().anyMatch(part -> part.use != Use.SKIP),
                "the pattern skips all it finds; write a name for what it should take, such as %%{text}");
    }

    /// Whether another part has that use and the same name.
    private static boolean named(List<Part> parts, Use use, Part part) {
        return parts.stream().anyMatch(each -> each != part && each.use == use && each.name.equals(part.name));
    }

    @Override
    public String toString() {
        return text;
    }
}
