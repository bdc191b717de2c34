package io.logroute.parts.multiline;

import io.logroute.parts.text.BoundedRegex;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.LinePattern;

/// How lines belong together. What it knows of a group is a number, its state; what it knew of the
/// group before does not matter to the next.
interface Shape {
    /// The line does not belong to the one before.
    int BEGINS = -1;

    /// The state after the first line of a group.
    int begin(String line);

    /// The state after one more line; [#BEGINS] when that begins another group.
    int on(int state, String line);

    static Shape of(FilterSpec.Multiline spec) {
        if (spec.preset().isPresent()) {
            return switch (spec.preset().get()) {
                case JAVA -> new JavaTraces();
                case PYTHON -> new PythonTraces();
                case GO -> new GoTraces();
                case RUBY -> new RubyTraces();
                case DOTNET -> new DotnetTraces();
            };
        }
        return spec.start()
                .map(start -> found(start, BEGINS, 0))
                .orElseGet(() -> found(spec.next().orElseThrow(), 0, BEGINS));
    }

    /// One state where the pattern is found, another where it is not, or where the line is too much
    /// for it.
    private static Shape found(LinePattern pattern, int found, int otherwise) {
        var regex = new BoundedRegex(pattern);
        return new Shape() {
            @Override
            public int begin(String line) {
                return 0;
            }

            @Override
            public int on(int state, String line) {
                return regex.find(line) ? found : otherwise;
            }
        };
    }

    /// Whether it begins with a blank or a tab, and says something behind it.
    static boolean isIndented(String line) {
        return !line.isEmpty() && (line.charAt(0) == ' ' || line.charAt(0) == '\t') && !line.isBlank();
    }

    /// Where a name such as `java.lang.IllegalStateException` or `ValueError` ends that the line begins
    /// with: letters, digits, and some signs; -1 when it begins with none.
    static int nameEnd(String line) {
        int i = 0;
        while (i < line.length()
                && (Character.isJavaIdentifierPart(line.charAt(i)) || ".`+".indexOf(line.charAt(i)) >= 0)) {
            i++;
        }
        return i == 0 || !Character.isJavaIdentifierStart(line.charAt(0)) ? -1 : i;
    }
}
