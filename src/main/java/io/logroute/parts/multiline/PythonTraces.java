package io.logroute.parts.multiline;

/// Tracebacks of Python, and those that led to one another:
///
///     ERROR:shop:it failed
///     Traceback (most recent call last):
///       File "cart.py", line 42, in add
///         raise KeyError(item)
///     KeyError: 'tea'
///
///     During handling of the above exception, another exception occurred:
///
///     Traceback (most recent call last):
///
/// Indented lines go on. A traceback goes on from a line that is no part of one: the line that
/// logged it.
final class PythonTraces implements Shape {
    private static final int LINE = 0;
    private static final int FRAMES = 1;
    /// After the line with the exception.
    private static final int RAISED = 2;
    /// After an empty line behind that.
    private static final int GAP = 3;
    /// After the words that lead to the next traceback.
    private static final int LINKED = 4;

    private static final String TRACEBACK = "Traceback (most recent call last):";

    @Override
    public int begin(String line) {
        return line.startsWith(TRACEBACK) ? FRAMES : LINE;
    }

    @Override
    public int on(int state, String line) {
        if (Shape.isIndented(line)) {
            return state == GAP || state == LINKED ? BEGINS : groupState(state, line);
        }
        return switch (state) {
            case LINE -> line.startsWith(TRACEBACK) ? FRAMES : BEGINS;
            case FRAMES -> isException(line) ? RAISED : BEGINS;
            case RAISED -> line.isBlank() ? GAP : isMore(line) ? RAISED : BEGINS;
            case GAP -> isLink(line) ? LINKED : BEGINS;
            case LINKED -> line.isBlank() ? LINKED : line.startsWith(TRACEBACK) ? FRAMES : BEGINS;
            default -> throw new IllegalStateException("there is no state " + state);
        };
    }

    /// A traceback of an exception group is indented as a whole.
    private static int groupState(int state, String line) {
        return state == LINE && line.endsWith(TRACEBACK) ? RAISED : state;
    }

    private static boolean isException(String line) {
        int end = Shape.nameEnd(line);
        return end > 0 && (end == line.length() || line.charAt(end) == ':');
    }

    /// What SQLAlchemy adds to its exceptions.
    private static boolean isMore(String line) {
        return line.startsWith("[SQL: ")
                || line.startsWith("[parameters: ")
                || line.startsWith("(Background on this error");
    }

    private static boolean isLink(String line) {
        return line.startsWith("During handling of the above exception, another exception occurred:")
                || line.startsWith("The above exception was the direct cause of the following exception:");
    }
}
