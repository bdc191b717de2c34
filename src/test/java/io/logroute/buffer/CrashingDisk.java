package io.logroute.buffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// A disk in memory that keeps only what was forced when it crashes, plus whatever chance lets
/// through: any of the pages written since (of 4096 or of 512 bytes; the beginning of one), lengths,
/// creations, renames and deletions. It can also refuse to write or to force, as a worn or a full
/// disk does, and lose its power after so many operations.
final class CrashingDisk implements Disk {
    private static final int SECTOR = 512;
    private static final int PAGE = 4096;

    private static final class Node {
        byte[] bytes = new byte[0];
        byte[] forced = new byte[0];
        final Set<Integer> dirtySectors = new HashSet<>();
    }

    private final Map<String, Node> names;
    private final Map<String, Node> forcedNames;
    private final Set<String> folders;

    /// What the disk does next; null: its work. Given the name of an operation and the file.
    private volatile Predicate<String> refuses = operation -> false;

    private volatile long room = Long.MAX_VALUE;
    private boolean gone;
    private int forces;

    /// Operations that the log thread may still begin; the one after waits. Negative: as many as it
    /// likes.
    private int steps = -1;

    private boolean holding;

    /// Operations of any thread until the power goes. Negative: it stays.
    private int power = -1;

    private int recycled;
    private long bytesRead;

    CrashingDisk() {
        this(new TreeMap<>(), new TreeMap<>());
    }

    private CrashingDisk(Map<String, Node> names, Map<String, Node> forcedNames) {
        this.names = names;
        this.forcedNames = forcedNames;
        this.folders = new HashSet<>(Set.of(""));
    }

    /// From now on operations such as "force x.seg" for which this holds throw EIO; a refused write
    /// leaves a part behind.
    void refuse(Predicate<String> operations) {
        refuses = operations;
    }

    /// Writes that would make the files longer than this together fail with ENOSPC.
    synchronized void room(long bytes) {
        room = bytes;
    }

    /// The log thread stops before its operation after `operations` more, until [#release] or a
    /// crash.
    synchronized void holdAfter(int operations) {
        steps = operations;
    }

    synchronized void release() {
        steps = -1;
        holding = false;
        notifyAll();
    }

    /// Whether the log thread stands before an operation.
    synchronized boolean holding() {
        return holding;
    }

    /// The machine goes off before its operation after `operations` more, whatever thread asks;
    /// negative: it stays on. Then it is for the test to call [#crash].
    synchronized void powerFor(int operations) {
        power = operations;
    }

    synchronized boolean off() {
        return gone;
    }

    /// How many segments became spares.
    synchronized int recycled() {
        return recycled;
    }

    synchronized long bytesRead() {
        return bytesRead;
    }

    private synchronized void step() throws IOException {
        if (power == 0) {
            gone = true;
            release();
        }
        power--;
        if (!Thread.currentThread().getName().equals("buffer-log") || steps < 0 || gone) {
            return;
        }
        if (steps-- > 0) {
            return;
        }
        holding = true;
        try {
            while (holding) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new IOException("nobody interrupts the log thread", e);
        }
    }

    synchronized int forces() {
        return forces;
    }

    synchronized Map<String, byte[]> files() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        names.forEach((name, node) -> files.put(name, node.bytes.clone()));
        return files;
    }

    static CrashingDisk of(Map<String, byte[]> files) {
        Map<String, Node> names = new TreeMap<>();
        files.forEach((name, bytes) -> {
            Node node = new Node();
            node.bytes = bytes.clone();
            node.forced = bytes.clone();
            names.put(name, node);
        });
        return new CrashingDisk(names, new TreeMap<>(names));
    }

    /// The disk as the next process finds it after a kill: the machine remembers all that was
    /// written, forced or not. This one answers no more.
    synchronized CrashingDisk kill() {
        gone = true;
        release();
        return new CrashingDisk(names, forcedNames);
    }

    /// The disk as a machine finds it after a power cut. This one answers no more.
    synchronized CrashingDisk crash(Random random) {
        gone = true;
        release();
        Map<String, Node> after = new TreeMap<>(forcedNames);
        Set<String> touched = new HashSet<>(names.keySet());
        touched.addAll(forcedNames.keySet());
        for (String name : touched) {
            if (names.get(name) != forcedNames.get(name) && random.nextBoolean()) {
                if (names.containsKey(name)) {
                    after.put(name, names.get(name));
                } else {
                    after.remove(name);
                }
            }
        }
        Map<String, byte[]> files = new TreeMap<>();
        after.forEach((name, node) -> files.put(name, torn(node, random)));
        return of(files);
    }

    private static byte[] torn(Node node, Random random) {
        if (node.dirtySectors.isEmpty() && node.bytes.length == node.forced.length) {
            return node.forced.clone();
        }
        int longest = Math.max(node.bytes.length, node.forced.length);
        int shortest = Math.min(node.bytes.length, node.forced.length);
        byte[] bytes = Arrays.copyOf(
                node.forced, longest == shortest ? longest : shortest + random.nextInt(longest - shortest + 1));
        int likely = random.nextInt(3);
        int unit = random.nextBoolean() ? SECTOR : PAGE;
        Set<Integer> units = new TreeSet<>();
        node.dirtySectors.forEach(sector -> units.add(sector * SECTOR / unit));
        for (int at : units) {
            boolean written = likely == 0 || (likely == 1 && random.nextBoolean());
            int from = at * unit;
            int part = random.nextInt(10) == 0 ? random.nextInt(unit) : unit;
            int to = Math.min(from + part, Math.min(bytes.length, node.bytes.length));
            if (written && from < to) {
                System.arraycopy(node.bytes, from, bytes, from, to - from);
            }
        }
        return bytes;
    }

    private void check(String operation) throws IOException {
        step();
        if (gone) {
            throw new IOException("the machine is off");
        }
        if (refuses.test(operation)) {
            throw new IOException("EIO: " + operation);
        }
    }

    private static String folderOf(String name) {
        return name.contains("/") ? name.substring(0, name.indexOf('/')) : "";
    }

    @Override
    public synchronized List<String> list(String folder) throws IOException {
        check("list " + folder);
        List<String> list = new ArrayList<>();
        for (String name : names.keySet()) {
            if (folderOf(name).equals(folder)) {
                list.add(folder.isEmpty() ? name : name.substring(folder.length() + 1));
            }
        }
        return list;
    }

    @Override
    public synchronized void makeFolder(String folder) throws IOException {
        check("folder " + folder);
        folders.add(folder);
    }

    @Override
    public synchronized File create(String name) throws IOException {
        check("create " + name);
        Node node = new Node();
        names.put(name, node);
        return new Open(name, node);
    }

    @Override
    public synchronized File open(String name) throws IOException {
        check("open " + name);
        Node node = names.get(name);
        if (node == null) {
            throw new IOException("no file " + name);
        }
        return new Open(name, node);
    }

    @Override
    public File openToRead(String name) throws IOException {
        return open(name);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        check("rename " + from);
        Node node = names.remove(from);
        if (node == null) {
            throw new IOException("no file " + from);
        }
        names.put(to, node);
        recycled += Spare.isName(to) ? 1 : 0;
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        check("delete " + name);
        names.remove(name);
    }

    @Override
    public synchronized void forceFolder(String folder) throws IOException {
        check("forceFolder " + folder);
        forcedNames.keySet().removeIf(name -> folderOf(name).equals(folder) && !names.containsKey(name));
        names.forEach((name, node) -> {
            if (folderOf(name).equals(folder)) {
                forcedNames.put(name, node);
            }
        });
    }

    @Override
    public synchronized long free() {
        return room - used();
    }

    synchronized long used() {
        return names.values().stream().mapToLong(node -> node.bytes.length).sum();
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "/crashing";
    }

    private final class Open implements File {
        private final String name;
        private final Node node;

        Open(String name, Node node) {
            this.name = name;
            this.node = node;
        }

        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            synchronized (CrashingDisk.this) {
                check("read " + name);
                int length = Math.clamp(node.bytes.length - at, 0, into.remaining());
                into.put(node.bytes, length == 0 ? 0 : (int) at, length);
                bytesRead += length;
                return length;
            }
        }

        @Override
        public void write(ByteBuffer from, long at) throws IOException {
            synchronized (CrashingDisk.this) {
                step();
                boolean refused = !gone && refuses.test("write " + name);
                int length = refused ? from.remaining() / 2 : from.remaining();
                long longer = Math.max(0, at + length - node.bytes.length);
                boolean full = used() + longer > room;
                if (gone || (full && longer > 0)) {
                    throw new IOException(gone ? "the machine is off" : "ENOSPC: write " + name);
                }
                if (longer > 0) {
                    node.bytes = Arrays.copyOf(node.bytes, (int) at + length);
                }
                from.get(node.bytes, (int) at, length);
                for (int sector = (int) at / SECTOR; (long) sector * SECTOR < at + length; sector++) {
                    node.dirtySectors.add(sector);
                }
                if (refused) {
                    throw new IOException("EIO: write " + name);
                }
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (CrashingDisk.this) {
                step();
                if (!gone && refuses.test("force " + name)) {
                    node.dirtySectors.clear(); // as Linux does: the next force says all is well, and nothing was kept
                    throw new IOException("EIO: force " + name);
                }
                if (gone) {
                    throw new IOException("the machine is off");
                }
                forces++;
                byte[] forced = Arrays.copyOf(node.forced, node.bytes.length);
                for (int sector : node.dirtySectors) {
                    int from = sector * SECTOR;
                    int to = Math.min(from + SECTOR, forced.length);
                    if (from < to) {
                        System.arraycopy(node.bytes, from, forced, from, to - from);
                    }
                }
                node.forced = forced;
                node.dirtySectors.clear();
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (CrashingDisk.this) {
                check("size " + name);
                return node.bytes.length;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (CrashingDisk.this) {
                check("truncate " + name);
                node.bytes = Arrays.copyOf(node.bytes, (int) Math.min(size, node.bytes.length));
            }
        }

        @Override
        public void close() {}
    }
}
