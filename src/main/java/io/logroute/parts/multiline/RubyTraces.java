package io.logroute.parts.multiline;

/// Backtraces of Ruby, its Logger and Rails:
///
///     cart.rb:42:in 'Cart#add': no stock (RuntimeError)
///     	from shop.rb:7:in '<main>'
///     cart.rb:40:in 'Cart#find': gone (KeyError)
///
///     E, [2026-11-29T10:00:00 #1] ERROR -- : no stock (RuntimeError)
///     /app/cart.rb:42:in `add'
///
/// Indented lines go on, and so do places in the code. A place with a message behind it is an
/// exception: in a backtrace it is the cause, elsewhere it begins another event.
final class RubyTraces implements Shape {
    private static final int LINE = 0;
    private static final int TRACE = 1;
    /// After a line that ends as Rails ends the one above a backtrace.
    private static final int RAILS = 2;

    @Override
    public int begin(String line) {
        return isThread(line) ? RAILS : isPlace(line) ? TRACE : after(line);
    }

    @Override
    public int on(int state, String line) {
        if (Shape.isIndented(line)) {
            return line.stripLeading().startsWith("from ") ? TRACE : state;
        }
        if (isPlace(line)) {
            return state == LINE && isException(line) ? BEGINS : TRACE;
        }
        if (line.startsWith("Caused by:") || line.startsWith("Causes:")) {
            return RAILS;
        }
        return state == RAILS && line.isBlank() ? RAILS : BEGINS;
    }

    private static int after(String line) {
        return line.endsWith("):") || line.endsWith(")") && line.contains("Error (") ? RAILS : LINE;
    }

    private static boolean isThread(String line) {
        return line.startsWith("#<Thread:") && line.contains("terminated with exception");
    }

    /// `path:42:in 'name'`, in any of the quotes that Ruby had.
    private static boolean isPlace(String line) {
        int in = line.indexOf(":in ");
        if (in < 2 || in + 4 >= line.length() || "`'\"".indexOf(line.charAt(in + 4)) < 0) {
            return false;
        }
        int digits = in;
        while (digits > 0 && Character.isDigit(line.charAt(digits - 1))) {
            digits--;
        }
        return digits < in && digits > 1 && line.charAt(digits - 1) == ':' && line.lastIndexOf(' ', digits) < 0;
    }

    private static boolean isException(String line) {
        return line.indexOf("': ", line.indexOf(":in ") + 4) > 0;
    }
}
