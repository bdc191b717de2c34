package io.logroute.buffer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A real folder, held by a lock on its file `LOCK` for as long as this is open.
///
/// Channels close themselves under a thread that is interrupted. The buffer therefore writes and
/// forces only on its own two platform threads, which nobody interrupts; a cursor reads on its
/// reader's thread, through a channel of its own that it can open again.
final class FolderDisk implements Disk {
    private static final String LOCK = "LOCK";

    /// Folders held in this process. POSIX drops a lock when *any* descriptor of the file is closed
    /// by the process that holds it, so a second open here must be refused without touching the
    /// file.
    private static final Set<Path> HELD = new HashSet<>();

    private final Path folder;
    private final FileStore store;
    private final FileChannel lockFile;

    private FolderDisk(Path folder, FileStore store, FileChannel lockFile) {
        this.folder = folder;
        this.store = store;
        this.lockFile = lockFile;
    }

    /// Creates the folder when it is not there and takes its lock. Throws [BufferLocked] when
    /// another holds it, else an `IOException` that says what is wrong with the folder.
    static FolderDisk open(Path wanted) throws IOException {
        try {
            make(wanted);
            Path folder = wanted.toRealPath();
            synchronized (HELD) {
                if (HELD.contains(folder)) {
                    throw new BufferLocked(
                            folder,
                            "this very process, pid " + ProcessHandle.current().pid());
                }
                FolderDisk disk = new FolderDisk(folder, Files.getFileStore(folder), lock(folder));
                HELD.add(folder);
                return disk;
            }
        } catch (FileSystemException e) {
            throw unusable(wanted, e);
        }
    }

    /// Whether this process holds the folder.
    static boolean isHeldHere(Path folder) throws IOException {
        synchronized (HELD) {
            return HELD.contains(folder.toRealPath());
        }
    }

    /// The same failure, told with what to do.
    static IOException unusable(Path wanted, FileSystemException e) {
        Path absolute = wanted.toAbsolutePath();
        Path there = absolute;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there != null && !Files.isDirectory(there)) {
            String what =
                    there.equals(absolute) ? "is not a folder" : "cannot be made: %s is not a folder".formatted(there);
            return new IOException(
                    "Buffer folder %s %s; move that file away, or name another folder.".formatted(absolute, what), e);
        }
        if (e instanceof AccessDeniedException) {
            return new IOException(
                    "Buffer folder %s cannot be written by user %s (refused: %s); give that user the folder, or name another one."
                            .formatted(absolute, System.getProperty("user.name"), e.getFile()),
                    e);
        }
        return new IOException(
                "Buffer folder %s cannot be used (%s); mend that, or name another one.".formatted(absolute, e), e);
    }

    /// Creates the folder and those above it that are not there. Gives the folders whose content
    /// changed, each of them forced: a buffer whose own name a power cut takes away has lost
    /// everything.
    static List<Path> make(Path wanted) throws IOException {
        List<Path> changed = new ArrayList<>();
        Path absolute = wanted.toAbsolutePath();
        for (Path at = absolute; at != null && Files.notExists(at); at = at.getParent()) {
            Path above = at.getParent();
            if (above != null) {
                changed.add(above);
            }
        }
        Files.createDirectories(absolute);
        for (Path folder : changed) {
            force(folder);
        }
        return changed;
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel = FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new BufferLocked(folder, owner(channel));
            }
            tellOwner(channel);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /// For people only: a full disk is no reason not to open.
    private static void tellOwner(FileChannel channel) {
        String me = "pid %d on host %s, since %s%n"
                .formatted(ProcessHandle.current().pid(), host(), Instant.now());
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(me.getBytes(StandardCharsets.UTF_8)), 0);
        } catch (IOException e) {
            System.getLogger(FolderDisk.class.getName())
                    .log(System.Logger.Level.DEBUG, "The lock file does not say who holds it", e);
        }
    }

    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(300);
        channel.read(text, 0);
        String owner = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
        return owner.isEmpty() ? "another process" : owner;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    @Override
    public List<String> list(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public void makeFolder(String name) throws IOException {
        Files.createDirectories(folder.resolve(name));
    }

    @Override
    public File create(String name) throws IOException {
        return channel(
                name,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    @Override
    public File open(String name) throws IOException {
        return channel(name, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public File openToRead(String name) throws IOException {
        return channel(name, StandardOpenOption.READ);
    }

    private File channel(String name, OpenOption... how) throws IOException {
        return ChannelFile.open(folder.resolve(name), how);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
    }

    @Override
    public void forceFolder(String name) throws IOException {
        force(folder.resolve(name));
    }

    @Override
    public long free() throws IOException {
        return store.getUsableSpace();
    }

    @Override
    public void close() {
        synchronized (HELD) {
            if (!HELD.remove(folder)) {
                return;
            }
            closeQuietly(lockFile);
        }
    }

    /// The lock goes with the descriptor whatever `close` says.
    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            System.getLogger(FolderDisk.class.getName())
                    .log(System.Logger.Level.DEBUG, "The lock file did not close", e);
        }
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
