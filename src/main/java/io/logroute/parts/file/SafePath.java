package io.logroute.parts.file;

import io.logroute.flow.Event;
import io.logroute.parts.text.Template;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FieldTemplate.Piece;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The path that an event's file has. Fields are strangers' text: each fills part of one name and
/// nothing more.
///
/// In a field's value `/`, `\`, control characters, what some systems allow in no name, and a dot
/// at its beginning become `_`. So no name that a field is part of can be `.` or `..`, or begin a
/// path anew. An empty value, a name longer than 200 bytes and a path longer than 2,000 are
/// refused. What the template itself says is its author's will, be it `..` or absolute; only the
/// folder in which the routers keep their buffers is nobody's to write to.
///
/// A name that ends like one put aside (`web.1` beside `web`) is taken all the same: addresses
/// and tasks have such names. When both are written they share their rotation; a template that
/// ends in text, such as `.ndjson`, keeps them apart.
public final class SafePath {
    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_PATH = 2_000;
    private static final String ROUTERS = "routers";
    private static final String NOT_IN_NAMES = "/\\:*?\"<>|";

    /// A path, or why there is none.
    public sealed interface Answer {
        record At(Path path) implements Answer {}

        record Nowhere(String why) implements Answer {}
    }

    private record Place(Template template, String field, boolean fromEvent) {}

    private final Path base;
    private final Path routers;
    private final List<Place> places;

    /// The folder that the template names before an event has any say.
    private final Path fixed;

    private final boolean plain;

    /// The last answer: events that come together mostly share their file.
    private String lastText = "";

    private @Nullable Answer lastAnswer;

    public SafePath(FieldTemplate template, Path base) {
        this.base = base.toAbsolutePath().normalize();
        this.places = template.pieces().stream()
                .map(piece -> new Place(
                        new Template(new FieldTemplate(template.text(), List.of(piece))),
                        piece instanceof Piece.Field(var path) ? path.toString() : "",
                        piece instanceof Piece.Field))
                .toList();
        this.routers = this.base.resolve(ROUTERS);
        this.plain = template.isPlain();
        this.fixed = fixed(template);
    }

    private Path fixed(FieldTemplate template) {
        var first = template.pieces().getFirst() instanceof Piece.Text(var text) ? text : "";
        return base.resolve(first.substring(0, first.lastIndexOf('/') + 1)).normalize();
    }

    /// Used by one thread at a time.
    public Answer of(Event event) {
        var text = new StringBuilder(64);
        for (var place : places) {
            var value = place.template.render(event);
            if (value == null) {
                return new Answer.Nowhere(
                        "the event has no field %s, which the path of its file needs".formatted(place.field));
            }
            if (place.fromEvent && value.isEmpty()) {
                return new Answer.Nowhere("field %s is empty; the path of its file needs it".formatted(place.field));
            }
            text.append(place.fromEvent ? tame(value) : value);
        }
        var rendered = text.toString();
        var answer = lastAnswer;
        if (answer == null || !rendered.equals(lastText)) {
            answer = path(rendered);
            lastText = rendered;
            lastAnswer = answer;
        }
        return answer;
    }

    private static String tame(String value) {
        var tamed = new StringBuilder(value);
        for (int i = 0; i < tamed.length(); i++) {
            char c = tamed.charAt(i);
            if (Character.isISOControl(c) || NOT_IN_NAMES.indexOf(c) >= 0 || c == '.' && i == 0) {
                tamed.setCharAt(i, '_');
            }
        }
        return tamed.toString();
    }

    private Answer path(String rendered) {
        if (rendered.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
            return new Answer.Nowhere("the path of its file would be longer than %d bytes".formatted(LONGEST_PATH));
        }
        for (var name : rendered.split("/", -1)) {
            if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
                return new Answer.Nowhere("the name \"%.40s...\" in the path of its file is longer than %d bytes"
                        .formatted(name, LONGEST_NAME));
            }
        }
        try {
            var path = resolve(rendered);
            return isOurs(path)
                    ? new Answer.Nowhere("%s lies in %s, where routers keep their buffers; mend path of the sink"
                            .formatted(path, routers))
                    : new Answer.At(path);
        } catch (InvalidPathException e) {
            return new Answer.Nowhere("the path of its file is none: " + e.getMessage());
        }
    }

    /// Also by a link, or in other letters where the disk makes no difference between them.
    private boolean isOurs(Path path) {
        return path.startsWith(routers) || real(path).startsWith(real(routers));
    }

    /// With the links followed in the part of it that exists.
    private static Path real(Path path) {
        for (var at = path; at != null; at = at.getParent()) {
            try {
                return at.toRealPath().resolve(at.relativize(path)).normalize();
            } catch (IOException e) {
                // nothing there yet: its folder may be
            }
        }
        return path;
    }

    /// Why a file that could not be written never will be: events chose a path that cannot be one
    /// beside what is there. `null` when it is the disk's fault, or the user's, who can mend it.
    @Nullable
    String whyNever(Path path, IOException failure) {
        if (plain) {
            return null;
        }
        if (Files.isDirectory(path)) {
            return fixed.startsWith(path) ? null : path + " is a folder";
        }
        if (failure instanceof FileSystemException known
                && String.valueOf(known.getReason()).contains("too long")) {
            return "%.80s... is longer than a path may be there".formatted(path);
        }
        for (var at = path; at != null && !fixed.startsWith(at); at = at.getParent()) {
            if (Files.isSymbolicLink(at) && !Files.exists(at)) {
                return at + " is a link to nowhere";
            }
            if (!at.equals(path) && Files.exists(at) && !Files.isDirectory(at)) {
                return at + " is a file and no folder";
            }
        }
        return null;
    }

    /// Where the system's character set has no such letters (`LANG=C`) they become `_`.
    private Path resolve(String rendered) {
        try {
            return base.resolve(rendered).normalize();
        } catch (InvalidPathException e) {
            return base.resolve(rendered.replaceAll("[^ -~]", "_")).normalize();
        }
    }
}
