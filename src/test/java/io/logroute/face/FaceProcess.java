package io.logroute.face;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A [ServedShop] or [ServedController] in a process of its own, out of the real jar.
final class FaceProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final Path err;

    private FaceProcess(Process process, Path err) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.err = err;
    }

    static FaceProcess start(Path folder, String... args) throws IOException {
        return start(ServedShop.class, folder, args);
    }

    static FaceProcess start(Class<?> main, Path folder, String... args) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // What the manifest says counts only with -jar.
        command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("logroute.jar", "target/logroute-0.1.0-SNAPSHOT-runner.jar")
                + ":target/test-classes");
        command.add(main.getName());
        command.add(Files.createDirectories(folder.resolve("specs")).toString());
        command.addAll(List.of(args));
        var err = folder.resolve("err");
        return new FaceProcess(
                new ProcessBuilder(command).redirectError(err.toFile()).start(), err);
    }

    /// The next line on its output; empty at the end.
    String line() throws IOException {
        var line = out.readLine();
        return line == null ? "" : line;
    }

    void tell(String line) throws IOException {
        var in = process.outputWriter(StandardCharsets.UTF_8);
        in.write(line + "\n");
        in.flush();
        if (!line().equals("told")) {
            throw new IOException("it did not hear " + line);
        }
    }

    void terminate() {
        // Process.destroy would close its streams.
        process.toHandle().destroy();
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            throw new IllegalStateException("it still runs");
        }
        return process.exitValue();
    }

    String log() throws IOException {
        return Files.readString(err);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
