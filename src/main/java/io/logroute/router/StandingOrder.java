package io.logroute.router;

import io.logroute.plan.Order;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// The order that a router keeps to, on its volume, so that after a restart it does so from the first
/// moment:
///
///     <folder>/order       logroute-order 1 drain
///     <folder>/order.new   one on its way; what a crash leaves of it is written over
///
/// Without a file it serves. A file that cannot be read means that it drains: nothing is lost by that, and a
/// controller that means something else says so. Of one thread, but for [#isKept].
final class StandingOrder {
    private static final String FORM = "logroute-order ";
    private static final int FORMAT = 1;
    private static final Pattern LINE = Pattern.compile(FORM + "(\\d{1,9}) (\\S{1,40})(.*)", Pattern.DOTALL);
    private static final int MOST_BYTES = 4096;

    private final Path file;
    private final Accepted.Disk disk;
    private final DurableFolders folders;
    /// What a restart would find, where that is known.
    private volatile Optional<Order> kept = Optional.empty();

    /// @param folder of the router
    StandingOrder(Path folder) {
        this(folder, Accepted.REAL);
    }

    StandingOrder(Path folder, Accepted.Disk disk) {
        this.file = folder.resolve("order");
        this.disk = disk;
        this.folders = new DurableFolders(folder, disk::sync);
    }

    /// What was found at the start.
    sealed interface Found {
        /// It is that one, durably; to serve where there is none.
        record Kept(Order order) implements Found {}

        /// Nobody knows what it was.
        ///
        /// @param trouble with what and where
        record Damaged(String trouble) implements Found {}

        /// A newer LogRoute wrote it.
        ///
        /// @param reason with what, where and how to mend
        record TooNew(String reason) implements Found {}
    }

    Found find() {
        String text;
        try (var in = Files.newInputStream(file)) {
            text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.US_ASCII);
        } catch (NoSuchFileException e) {
            return found(Order.SERVE);
        } catch (IOException e) {
            return new Found.Damaged("the order %s cannot be read (%s)".formatted(file, e));
        }
        var line = LINE.matcher(text);
        if (!line.matches()) {
            return new Found.Damaged("the order %s is damaged".formatted(file));
        }
        int format = Integer.parseInt(line.group(1));
        if (format > FORMAT) {
            return new Found.TooNew(
                    ("the order %s has format %d; this LogRoute reads up to %d. Run the newer LogRoute on this volume, or"
                                    + " move that file away to take events in")
                            .formatted(file, format, FORMAT));
        }
        return switch (line.group(2) + line.group(3)) {
            case "serve\n" -> found(Order.SERVE);
            case "drain\n" -> found(Order.DRAIN);
            default -> new Found.Damaged("the order %s is damaged".formatted(file));
        };
    }

    private Found found(Order order) {
        kept = Optional.of(order);
        return new Found.Kept(order);
    }

    /// Makes it the one that a restart finds, durably; returns at once when it is.
    ///
    /// @param order to serve or to drain
    /// @throws IOException when it could not; then either may be found
    void keep(Order order) throws IOException {
        if (isKept(order)) {
            return;
        }
        kept = Optional.empty();
        var word = switch (order) {
            case SERVE -> "serve";
            case DRAIN -> "drain";
            case DISCARD -> throw new IllegalArgumentException("to discard is nothing to keep to");
        };
        var next = file.resolveSibling("order.new");
        folders.make();
        disk.write(next, "%s%d %s\n".formatted(FORM, FORMAT, word).getBytes(StandardCharsets.US_ASCII));
        disk.move(next, file);
        folders.changed();
        folders.settle();
        kept = Optional.of(order);
    }

    /// Whether nobody knows what a restart would find.
    boolean isUnsure() {
        return kept.isEmpty();
    }

    /// Whether a restart is sure to find it.
    boolean isKept(Order order) {
        return kept.equals(Optional.of(order));
    }
}
