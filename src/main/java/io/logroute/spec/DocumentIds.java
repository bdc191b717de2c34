package io.logroute.spec;

/// How the id of a document is made.
public sealed interface DocumentIds {
    /// From the event's place in the buffer.
    record Sequence() implements DocumentIds {}

    /// From a hash of the event as it came in.
    record Content() implements DocumentIds {}

    /// From fields of the event. Where one is missing, the id is made as by [Sequence].
    record Template(FieldTemplate template) implements DocumentIds {}

    /// By the destination.
    record None() implements DocumentIds {}

    /// @throws IllegalArgumentException when the text is none of them
    static DocumentIds parse(String text) {
        return switch (text) {
            case "sequence" -> new Sequence();
            case "content" -> new Content();
            case "none" -> new None();
            default -> {
                Require.require(
                        text.contains("%{"),
                        "\"%s\" makes no ids; write sequence, content, none, or a template such as %%{container_id}-%%{time_id}",
                        text);
                yield new Template(FieldTemplate.parse(text));
            }
        };
    }
}
