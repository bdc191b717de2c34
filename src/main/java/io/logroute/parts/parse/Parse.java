package io.logroute.parts.parse;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.Line;
import io.logroute.spec.ParseSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads structure out of a text field, in one of the ways there are.
///
/// - The text is that of the first named field that the event has; an event without any passes as it is.
/// - What is found goes under `into`, or to the top ([Found#applyTo]). The field itself stays, unless
///   something of its name was found.
/// - An event whose text does not fit is tagged, kept, dropped or dead-lettered, and not changed otherwise.
public final class Parse implements Filter {
    /// Characters of the text that a reason for a dead letter shows.
    private static final int SHOWN = 200;

    private final Form form;
    private final List<String[]> fields;
    private final String @Nullable [] into;
    private final FilterSpec.OnFailure onFailure;
    private final Found found = new Found();

    public Parse(FilterSpec.Parse spec) {
        form = form(spec.how());
        fields =
                Line.fields(spec.how().field()).stream().map(FieldPath::toArray).toList();
        into = spec.how().into().map(FieldPath::toArray).orElse(null);
        onFailure = spec.onFailure();
    }

    private static Form form(ParseSpec how) {
        return switch (how) {
            case ParseSpec.Json json ->
                new JsonForm(json.into().map(FieldPath::toArray).orElse(null));
            case ParseSpec.Dissect dissect -> new DissectForm(dissect.pattern());
            case ParseSpec.Grok grok -> new GrokForm(grok.expressions());
            case ParseSpec.Logfmt _ -> new LogfmtForm();
            case ParseSpec.KeyValue pairs -> new KeyValueForm(pairs);
            case ParseSpec.Regex regex -> new RegexForm(regex.pattern());
            case ParseSpec.Csv csv -> new CsvForm(csv);
            case ParseSpec.Nginx _ -> new NginxForm();
            case ParseSpec.Apache _ -> new ApacheForm();
        };
    }

    /// What it is called in messages.
    String form() {
        return form.name();
    }

    @Override
    public void apply(Event event, Way way) {
        for (var field : fields) {
            found.clear();
            if (!form.read(event, field, found)) {
                continue;
            }
            var misfit = found.misfit();
            if (misfit == null) {
                found.applyTo(event, into);
                break;
            }
            fail(event, field, misfit, way);
            return;
        }
        way.pass(event);
    }

    private void fail(Event event, String[] field, String misfit, Way way) {
        switch (onFailure) {
            case TAG -> {
                event.tag(form.tag());
                way.pass(event);
            }
            case KEEP -> way.pass(event);
            case DROP -> {}
            case DEAD_LETTER -> way.refuse(event, reason(event, field, misfit));
        }
    }

    /// `msg does not fit dissect: it has no "] ", in "2026-11-29 [main"`.
    private String reason(Event event, String[] field, String misfit) {
        var text = String.valueOf(event.text(field));
        int end = text.length() <= SHOWN ? text.length() : SHOWN - 1;
        if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        return "%s does not fit %s: %s, in \"%s%s\""
                .formatted(
                        new FieldPath(List.of(field)),
                        form.name(),
                        misfit,
                        text.substring(0, end),
                        end < text.length() ? "…" : "");
    }
}
