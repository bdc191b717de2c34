package io.logroute.parts.multiline;

/// Stack traces of .NET:
///
///     [10:00:00 ERR] it failed
///     System.InvalidOperationException: no stock
///      ---> System.IO.IOException: closed
///        at Shop.Cart.Find() in /app/Cart.cs:line 40
///        --- End of inner exception stack trace ---
///        at Shop.Cart.Add() in /app/Cart.cs:line 42
///     --- End of stack trace from previous location ---
///        at Shop.Program.Main()
///
/// Indented lines go on, and so do the lines between stacks. The name of an exception at the beginning
/// of a line goes on from a line that is no part of a trace: the line that logged it. In a trace
/// it begins another.
final class DotnetTraces implements Shape {
    private static final int LINE = 0;
    private static final int TRACE = 1;
    /// After the end of one of several inner exceptions.
    private static final int INNER = 2;

    @Override
    public int begin(String line) {
        return line.startsWith("Unhandled exception. ") || isException(line) ? TRACE : LINE;
    }

    @Override
    public int on(int state, String line) {
        if (Shape.isIndented(line)) {
            return line.endsWith("<---") ? INNER : isFrame(line) ? TRACE : state == INNER ? TRACE : state;
        }
        if (line.startsWith("--- End of ") || line.startsWith("---> ")) {
            return line.endsWith("<---") ? INNER : TRACE;
        }
        if (state == INNER && line.isBlank()) {
            return INNER;
        }
        return state == LINE && isException(line) ? TRACE : BEGINS;
    }

    private static boolean isFrame(String line) {
        var text = line.stripLeading();
        return text.startsWith("at ") || text.startsWith("---> ");
    }

    private static boolean isException(String line) {
        int end = Shape.nameEnd(line);
        return end >= 9
                && line.startsWith("Exception", end - 9)
                && (end == line.length() || line.charAt(end) == ':' || line.startsWith(" (0x", end));
    }
}
