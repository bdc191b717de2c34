package io.logroute.parts.beats;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Inflates whole zlib streams (RFC 1950) with libdeflate where that library is installed
/// (`libdeflate.so.0`; Debian: `libdeflate0`): twice as fast as the JDK's zlib. It knows no
/// streaming: what it cannot do in one go is left to `java.util.zip.Inflater`, which then says
/// what is wrong.
///
/// `-Dlogroute.libdeflate=false` leaves it alone. Used by one thread at a time; [#close] frees it.
///
/// Source: `libdeflate.h`, version 1.14 (`libdeflate_zlib_decompress_ex`).
final class Libdeflate implements AutoCloseable {
    private record Library(MethodHandle allocate, MethodHandle free, MethodHandle inflate) {}

    private static final int SUCCESS = 0;
    private static final Optional<Library> LIBRARY = load();

    private final Library library;
    private final long[] read = new long[1];
    private final long[] written = new long[1];
    private @Nullable MemorySegment decompressor;

    private Libdeflate(Library library, MemorySegment decompressor) {
        this.library = library;
        this.decompressor = decompressor;
    }

    private static Optional<Library> load() {
        if (!Boolean.parseBoolean(System.getProperty("logroute.libdeflate", "true"))) {
            return Optional.empty();
        }
        try {
            var symbols = SymbolLookup.libraryLookup("libdeflate.so.0", Arena.global());
            var linker = Linker.nativeLinker();
            var pointer = ValueLayout.ADDRESS;
            var size = ValueLayout.JAVA_LONG;
            return Optional.of(new Library(
                    linker.downcallHandle(
                            symbols.findOrThrow("libdeflate_alloc_decompressor"), FunctionDescriptor.of(pointer)),
                    linker.downcallHandle(
                            symbols.findOrThrow("libdeflate_free_decompressor"), FunctionDescriptor.ofVoid(pointer)),
                    linker.downcallHandle(
                            symbols.findOrThrow("libdeflate_zlib_decompress_ex"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT, pointer, pointer, size, pointer, size, pointer, pointer),
                            // The arrays lie still meanwhile, about a millisecond for a MiB.
                            Linker.Option.critical(true))));
        } catch (RuntimeException | LinkageError e) {
            return Optional.empty(); // not there, or not what it should be: the JDK's zlib does it
        }
    }

    /// `null` where the library is not installed, or has no memory.
    static @Nullable Libdeflate create() {
        if (LIBRARY.isEmpty()) {
            return null;
        }
        try {
            var decompressor = (MemorySegment) LIBRARY.get().allocate().invokeExact();
            return decompressor.equals(MemorySegment.NULL) ? null : new Libdeflate(LIBRARY.get(), decompressor);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /// Inflates one stream that is all of `[from, from + length)`.
    ///
    /// @return the number of bytes in `out`; -1 when it is no such stream, or holds more than fits
    int inflate(byte[] in, int from, int length, byte[] out) {
        if (decompressor == null) {
            return -1;
        }
        try {
            int result = (int) library.inflate()
                    .invokeExact(
                            decompressor,
                            MemorySegment.ofArray(in).asSlice(from, length),
                            (long) length,
                            MemorySegment.ofArray(out),
                            (long) out.length,
                            MemorySegment.ofArray(read),
                            MemorySegment.ofArray(written));
            return result == SUCCESS && read[0] == length ? (int) written[0] : -1;
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static RuntimeException failed(Throwable e) {
        return switch (e) {
            case RuntimeException unchecked -> unchecked;
            case Error error -> throw error;
            default -> new IllegalStateException("a native function cannot throw", e);
        };
    }

    @Override
    public void close() {
        var freed = decompressor;
        decompressor = null;
        if (freed == null) {
            return;
        }
        try {
            library.free().invokeExact(freed);
        } catch (Throwable e) {
            throw failed(e);
        }
    }
}
