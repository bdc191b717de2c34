package io.logroute.parts.redact;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.FilterSpec.Known;
import io.logroute.spec.Line;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Goes through the text of fields, and of all that is in objects and lists. Names of fields are
/// left, and so are numbers: a text in place of a number is what receivers refuse. With the pattern
/// `secret`, a text whose own field is named like a secret goes as a whole.
public final class Redact implements Filter {
    private static final String HMAC = "HmacSHA256";
    /// A shorter salt can be tried out.
    static final int LEAST_SALT = 16;

    private final List<String[]> fields;
    /// The first of them that an event has is meant, not all.
    private final boolean isLine;

    private final boolean isSecret;
    private final Redaction redaction;

    /// @param route its name, for messages
    /// @throws IOException when the salt cannot be read, with what, where and how to mend
    public Redact(FilterSpec.Redact spec, String route) throws IOException {
        this(
                spec,
                spec.replace() == FilterSpec.Replace.HASH ? salt(spec.saltFile().orElseThrow(), route) : new byte[0]);
    }

    /// One that reads no secret: its hashes are made with a salt that everybody knows, so that they are
    /// the same wherever it is tried out.
    public static Redact rehearsed(FilterSpec.Redact spec) {
        return new Redact(spec, "a rehearsal's salt".getBytes(StandardCharsets.UTF_8));
    }

    private Redact(FilterSpec.Redact spec, byte[] salt) {
        isLine = spec.fields().isEmpty();
        fields = (isLine ? Line.fields(Optional.empty()) : spec.fields())
                .stream().map(FieldPath::toArray).toList();
        isSecret = spec.patterns().contains(Known.SECRET);
        var finders = new LinkedHashMap<String, Finder>();
        spec.patterns().forEach(known -> finders.put(Redaction.name(known), Redaction.finder(known)));
        spec.custom().forEach((name, pattern) -> finders.put(name, new OwnPattern(pattern)));
        redaction = new Redaction(finders, instead(spec, salt));
    }

    private static BiFunction<String, String, String> instead(FilterSpec.Redact spec, byte[] salt) {
        return switch (spec.replace()) {
            case MASK -> (name, _) -> Masks.of(name);
            case REMOVE -> (_, _) -> "";
            case HASH -> hashing(salt);
        };
    }

    private static BiFunction<String, String, String> hashing(byte[] salt) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(salt, HMAC));
            return (name, found) -> Masks.of(
                    name,
                    HexFormat.of()
                            .formatHex(mac.doFinal(found.getBytes(StandardCharsets.UTF_8)))
                            .substring(0, Masks.HASH));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", e);
        }
    }

    private static byte[] salt(Path file, String route) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IOException(
                    "route %s: redact cannot read its salt from %s: %s; put the secret there, or write another saltFile"
                            .formatted(
                                    route,
                                    file,
                                    e instanceof NoSuchFileException ? "there is no such file" : e.getMessage()),
                    e);
        }
        int length = bytes.length;
        while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
            length--;
        }
        if (length < LEAST_SALT) {
            throw new IOException(
                    "route %s: the salt of redact in %s has %d bytes; write at least %d, such as openssl rand -hex 32 gives"
                            .formatted(route, file, length, LEAST_SALT));
        }
        return Arrays.copyOf(bytes, length);
    }

    @Override
    public void apply(Event event, Way way) {
        for (var keys : fields) {
            if (isLine && !event.has(keys)) {
                continue;
            }
            var value = event.get(keys);
            var redacted = redacted(keys[keys.length - 1], value);
            if (redacted != value) {
                event.set(redacted, keys);
            }
            if (isLine) {
                break;
            }
        }
        way.pass(event);
    }

    /// The value without what was found in it; the same one when nothing was.
    private @Nullable Object redacted(String name, @Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> redactedText(name, text);
            case Map<?, ?> map -> redactedMap(map);
            case List<?> list -> redactedList(name, list);
            case Object other -> other;
        };
    }

    private String redactedText(String name, String text) {
        if (isSecret && Secrets.isName(name) && Secrets.saysSomething(text, 0, text.length())) {
            return redaction.whole(Redaction.name(Known.SECRET), text);
        }
        var redacted = redaction.of(text);
        return redacted.equals(text) ? text : redacted;
    }

    private Object redactedMap(Map<?, ?> map) {
        var redacted = new LinkedHashMap<Object, @Nullable Object>();
        boolean changed = false;
        for (var entry : map.entrySet()) {
            var value = redacted(String.valueOf(entry.getKey()), entry.getValue());
            changed |= value != entry.getValue();
            redacted.put(entry.getKey(), value);
        }
        return changed ? redacted : map;
    }

    private Object redactedList(String name, List<?> list) {
        var redacted = new ArrayList<@Nullable Object>(list.size());
        boolean changed = false;
        for (var each : list) {
            var value = redacted(name, each);
            changed |= value != each;
            redacted.add(value);
        }
        return changed ? redacted : list;
    }
}
