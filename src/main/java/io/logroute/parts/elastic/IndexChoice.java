package io.logroute.parts.elastic;

import io.logroute.flow.Event;
import io.logroute.parts.text.Template;
import io.logroute.spec.FieldTemplate;

/// The index that an event goes to: the one that its route names or else the sink's, repaired
/// ([IndexName]). Safe for all threads.
final class IndexChoice {
    private record Known(String asked, String repaired) {}

    private final Template index;
    /// Written and read without a lock: whichever thread's it is, it is right.
    private Known last = new Known("", "");

    IndexChoice(FieldTemplate index) {
        this.index = new Template(index);
    }

    /// Empty when it has none.
    String of(Event event) {
        var named = event.address().index();
        var rendered = named.isPresent() ? named.get() : index.render(event);
        if (rendered == null) {
            return "";
        }
        var known = last;
        if (known.asked == rendered) { // templates give the same instance for as long as they can
            return known.repaired;
        }
        var repaired = IndexName.repaired(rendered);
        last = new Known(rendered, repaired);
        return repaired;
    }

    /// Why an event has none.
    String whyNone(Event event) {
        var missing = event.address().index().isPresent() ? "" : index.missing(event);
        return missing.isEmpty()
                ? "the index of the event has no character that an index may begin with; its template is "
                        + event.address().index().orElse(index.toString())
                : "the index %s needs the field %s, which the event has not".formatted(index, missing);
    }
}
