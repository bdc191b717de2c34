package io.logroute.parts.multiline;

/// Panics of Go, fatal errors, and dumps of goroutines:
///
///     panic: runtime error: index out of range [5] with length 3 [recovered]
///     	panic: again
///     [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a1]
///
///     goroutine 1 [running]:
///     main.add(0xc000012345, 0x5)
///     	/app/cart.go:42 +0x1d
///     created by main.main in goroutine 1
///
///     goroutine 18 [select]:
///     exit status 2
///
/// Indented lines go on. A goroutine goes on from any line: the one that logged it.
final class GoTraces implements Shape {
    private static final int LINE = 0;
    /// After `panic:`, before the first goroutine.
    private static final int PANIC = 1;
    private static final int GOROUTINE = 2;
    /// After an empty line behind a goroutine.
    private static final int GAP = 3;

    @Override
    public int begin(String line) {
        return isPanic(line) ? PANIC : isGoroutine(line) ? GOROUTINE : LINE;
    }

    @Override
    public int on(int state, String line) {
        if (Shape.isIndented(line)) {
            return state == GAP ? BEGINS : state;
        }
        return switch (state) {
            case LINE -> isGoroutine(line) ? GOROUTINE : BEGINS;
            case PANIC -> inPanic(line);
            case GOROUTINE -> line.isBlank() ? GAP : isGoroutine(line) || isCall(line) ? GOROUTINE : exit(line);
            case GAP -> isGoroutine(line) ? GOROUTINE : line.isBlank() || isRegister(line) ? GAP : exit(line);
            default -> throw new IllegalStateException("there is no state " + state);
        };
    }

    private static int inPanic(String line) {
        if (isGoroutine(line)) {
            return GOROUTINE;
        }
        return line.isBlank() || line.startsWith("[signal ") || line.startsWith("runtime: ") || isPanic(line)
                ? PANIC
                : BEGINS;
    }

    private static int exit(String line) {
        return line.startsWith("exit status ") ? GAP : BEGINS;
    }

    private static boolean isPanic(String line) {
        return line.startsWith("panic: ")
                || line.startsWith("fatal error: ")
                || line.startsWith("unexpected fault address ")
                || line.startsWith("SIGQUIT: ")
                || line.startsWith("SIGABRT: ");
    }

    private static boolean isGoroutine(String line) {
        return line.startsWith("goroutine ") && line.endsWith(":") && line.contains(" [");
    }

    /// `net/http.(*conn).serve(0xc000, {0x1, 0x2})`, `panic({0x1, 0x2})`, `created by ...`.
    private static boolean isCall(String line) {
        if (line.startsWith("created by ") || line.startsWith("...")) {
            return true;
        }
        int open = line.indexOf('(');
        if (open <= 0 || !line.endsWith(")")) {
            return false;
        }
        var name = line.substring(0, open);
        return name.indexOf(' ') < 0 && (name.indexOf('.') > 0 || name.equals("panic"));
    }

    /// `rax    0x0`, behind the goroutines.
    private static boolean isRegister(String line) {
        int blank = line.indexOf(' ');
        return blank >= 2 && blank <= 6 && line.stripTrailing().lastIndexOf(" 0x") > 0 && line.length() < 40;
    }
}
