package io.logroute.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Monitor;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Nearly everything here runs on virtual threads: what is not safe there is not used.
class VirtualThreadsTest {
    /// docs/decisions/0035: [Monitor] takes its place.
    @ParameterizedTest
    @ValueSource(classes = {Monitor.class, VirtualThreadsTest.class})
    void nobody_waits_at_an_object_for_a_time(Class<?> one) throws Exception {
        try (var files = Files.walk(folder(one))) {
            var classes =
                    files.filter(file -> file.toString().endsWith(".class")).toList();
            assertThat(classes).hasSizeGreaterThan(200);
            assertThat(classes.stream().filter(file -> !isOf(TimedWait.class, file)))
                    .filteredOn(file -> !timedWaits(file).isEmpty())
                    .isEmpty();
        }
    }

    @Test
    void who_does_is_found() throws Exception {
        var file = folder(TimedWait.class).resolve(TimedWait.class.getName().replace('.', '/') + ".class");
        assertThat(timedWaits(file)).containsExactlyInAnyOrder("milliseconds", "nanoseconds", "unit");
    }

    private static Path folder(Class<?> one) throws URISyntaxException {
        return Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static boolean isOf(Class<?> one, Path file) {
        return file.endsWith(one.getName().replace('.', '/') + ".class");
    }

    /// The methods that do, by name.
    private static List<String> timedWaits(Path file) {
        try {
            return ClassFile.of().parse(file).methods().stream()
                    .filter(method ->
                            code(method).anyMatch(each -> each instanceof InvokeInstruction call && isTimedWait(call)))
                    .map(method -> method.methodName().stringValue())
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Stream<CodeElement> code(MethodModel method) {
        return method.code().stream().flatMap(code -> code.elementStream());
    }

    private static boolean isTimedWait(InvokeInstruction call) {
        var name = call.name().stringValue();
        var type = call.type().stringValue();
        return name.equals("wait") && (type.equals("(J)V") || type.equals("(JI)V")) || name.equals("timedWait");
    }

    /// Never run.
    @SuppressWarnings({"unused", "WaitNotInLoop"})
    private static final class TimedWait {
        synchronized void milliseconds() throws InterruptedException {
            wait(1);
        }

        synchronized void nanoseconds() throws InterruptedException {
            wait(1, 1);
        }

        synchronized void unit() throws InterruptedException {
            TimeUnit.SECONDS.timedWait(this, 1);
        }

        synchronized void forEver() throws InterruptedException {
            wait();
        }
    }
}
