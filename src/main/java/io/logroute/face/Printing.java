package io.logroute.face;

import java.io.BufferedWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Prints UTF-8 and remembers why it could not: a [PrintWriter] by itself only knows that.
final class Printing extends PrintWriter {
    private final Remembering to;

    Printing(OutputStream out) {
        this(new Remembering(out));
    }

    private Printing(Remembering to) {
        super(new BufferedWriter(new OutputStreamWriter(to, StandardCharsets.UTF_8)), true);
        this.to = to;
    }

    /// What the first write failed of that did. Empty where nobody reads any more: whoever closes a pipe, as
    /// `head` does, has what they want.
    Optional<String> failure() {
        return Optional.ofNullable(to.failure)
                .map(why -> String.valueOf(why.getMessage()))
                .filter(why -> !why.contains("Broken pipe"));
    }

    private static final class Remembering extends FilterOutputStream {
        private volatile @Nullable IOException failure;

        Remembering(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                failure = failure == null ? e : failure;
                throw e;
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
                throw e;
            }
        }
    }
}
