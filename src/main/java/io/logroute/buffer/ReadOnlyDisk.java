package io.logroute.buffer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/// A folder that is looked at and never changed, whoever holds its lock.
final class ReadOnlyDisk implements Disk {
    private final Path folder;

    ReadOnlyDisk(Path folder) {
        this.folder = folder;
    }

    @Override
    public List<String> list(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public File openToRead(String name) throws IOException {
        return ChannelFile.open(folder.resolve(name), StandardOpenOption.READ);
    }

    @Override
    public void makeFolder(String name) {
        throw unchanged();
    }

    @Override
    public File create(String name) {
        throw unchanged();
    }

    @Override
    public File open(String name) {
        throw unchanged();
    }

    @Override
    public void rename(String from, String to) {
        throw unchanged();
    }

    @Override
    public void delete(String name) {
        throw unchanged();
    }

    @Override
    public void forceFolder(String name) {
        throw unchanged();
    }

    @Override
    public long free() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return folder.toString();
    }

    private static UnsupportedOperationException unchanged() {
        return new UnsupportedOperationException("this folder is only looked at");
    }
}
