package io.logroute.flow;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Where events go. The constructor only holds; the first `write` opens what is needed; `close`
/// ends it, safe twice and without a write, and makes a `write` that is under way end soon.
public interface Sink extends AutoCloseable {
    /// Writes the batch and tells of each event, in the order of the batch, what became of it.
    /// `Delivered` means that the destination has it for good. May be called by several threads
    /// at once, as many as the sink said it takes.
    ///
    /// @throws IOException when nothing is known of any event of the batch, or none was taken:
    ///     all of it is tried again; [NotAllowed] when the destination does not let us
    List<Delivery> write(Batch batch) throws IOException, InterruptedException;

    /// Gets the destination ready for the first write. Called before it, again until it succeeds.
    ///
    /// @throws IOException when it is not ready; the message says why; [NotAllowed] when the destination
    ///     does not let us
    default void prepare() throws IOException, InterruptedException {}

    /// What must be there before the first write, such as an index template, and whether it is.
    default Preparation preparation() {
        return new Preparation.NotNeeded();
    }

    /// What waits in the destination for those who take it on from there; empty where there is nobody to.
    default Optional<Behind> behind() {
        return Optional.empty();
    }

    @Override
    void close();
}
