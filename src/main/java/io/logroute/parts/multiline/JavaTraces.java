package io.logroute.parts.multiline;

/// Stack traces as the JVM, Logback and Log4j write them:
///
///     10:00:00 ERROR c.s.Cart - it failed
///     java.lang.IllegalStateException: no stock
///     	at com.shop.Cart.add(Cart.java:42)
///     	Suppressed: java.io.IOException: closed
///     		at ...
///     Caused by: java.sql.SQLException: gone
///     	... 12 more
///
/// Indented lines go on, and so do causes. The name of an exception at the beginning of a line goes
/// on from a line that is no part of a trace: the line that logged it. In a trace it begins another.
final class JavaTraces implements Shape {
    private static final int LINE = 0;
    private static final int TRACE = 1;

    @Override
    public int begin(String line) {
        return isException(line) ? TRACE : LINE;
    }

    @Override
    public int on(int state, String line) {
        if (Shape.isIndented(line)) {
            return isFrame(line) ? TRACE : state;
        }
        if (line.startsWith("Caused by: ") || line.startsWith("Suppressed: ") || line.startsWith("Wrapped by: ")) {
            return TRACE;
        }
        return state == LINE && isException(line) ? TRACE : BEGINS;
    }

    private static boolean isFrame(String line) {
        return line.stripLeading().startsWith("at ");
    }

    /// `com.shop.NoStock: ...`, `java.lang.OutOfMemoryError`: a name in a package that is one of a thing
    /// to throw, or anything in a package before a colon.
    private static boolean isException(String line) {
        int end = Shape.nameEnd(line);
        if (end < 0 || line.lastIndexOf('.', end) <= 0) {
            return false;
        }
        boolean toThrow = line.startsWith("Exception", end - 9) || line.startsWith("Error", end - 5);
        boolean ends = end == line.length()
                || line.startsWith(": ", end)
                || line.startsWith(":", end) && end + 1 == line.length();
        return ends
                && (toThrow
                        || line.startsWith(": ", end)
                                && Character.isUpperCase(line.charAt(line.lastIndexOf('.', end - 1) + 1)));
    }
}
