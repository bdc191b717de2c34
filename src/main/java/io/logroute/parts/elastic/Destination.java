package io.logroute.parts.elastic;

import io.logroute.flow.Event;
import io.logroute.parts.text.Template;
import io.logroute.spec.DocumentIds;
import io.logroute.spec.SinkSpec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Where a sink would put an event, without asking Elasticsearch: the same choice of index and id as
/// when it is written.
public final class Destination {
    /// A document, or why there is none.
    public sealed interface Answer {
        /// @param id empty where the event alone does not say: it is made of the place in the buffer, or by
        ///     Elasticsearch
        record Document(String index, Optional<String> id) implements Answer {}

        record Nowhere(String why) implements Answer {}
    }

    private final SinkSpec.Elasticsearch spec;
    private final IndexChoice index;

    public Destination(SinkSpec.Elasticsearch spec) {
        this.spec = spec;
        this.index = new IndexChoice(spec.index());
    }

    /// @param event one that has an address
    public Answer of(Event event) {
        var chosen = index.of(event);
        return chosen.isEmpty() ? new Answer.Nowhere(index.whyNone(event)) : new Answer.Document(chosen, id(event));
    }

    private Optional<String> id(Event event) {
        boolean ofEvent = switch (spec.ids()) {
            case DocumentIds.Sequence _, DocumentIds.None _ -> false;
            case DocumentIds.Content _ -> true;
            case DocumentIds.Template(var template) ->
                new Template(template).render(event) instanceof String id && !id.isEmpty();
        };
        if (!ofEvent) {
            return Optional.empty();
        }
        var out = new ByteArrayOutputStream();
        DocumentId.of(spec.ids(), "").write(event, out);
        return Optional.of(out.toString(StandardCharsets.UTF_8));
    }
}
