package io.logroute.spec;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExprVisitor;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import java.util.ArrayList;
import java.util.List;

/// The one place that knows what a condition may say: CEL with its standard functions and macros,
/// over one variable, `event`, a map from text to anything. Numbers of different types compare by
/// value.
///
/// A condition is bounded: 10,000 characters, 100 levels, 10,000 turns of its macros (`all`,
/// `exists`, ...) an event; `matches` takes RE2 expressions, whose time grows with the text only.
///
/// The compiler is made at the first condition that is looked at, since that costs more than all
/// the rest of reading a spec: about a second of CPU, a quarter of that with an AOT cache.
public final class Expressions {
    private static final CelOptions OPTIONS = CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .maxExpressionCodePointSize(10_000)
            .maxParseRecursionDepth(100)
            .comprehensionMaxIterations(10_000)
            .maxRegexProgramSize(2_000)
            .build();

    private static final String INDENT = "    ";

    private Expressions() {}

    private static final class Lazy {
        static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addVar("event", MapType.create(SimpleType.STRING, SimpleType.DYN))
                .setResultType(SimpleType.BOOL)
                .build();
    }

    /// What holds for compiling and for evaluating alike.
    public static CelOptions options() {
        return OPTIONS;
    }

    /// The condition, checked.
    ///
    /// @throws IllegalArgumentException when [#check] finds something wrong; its message has all
    ///     of it
    public static CelAbstractSyntaxTree compile(String text) {
        var result = Lazy.COMPILER.compile(text);
        var problems = problems(text, result);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        try {
            return result.getAst();
        } catch (CelValidationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /// All that is wrong with the condition; empty when nothing is. Each message is three lines:
    /// what is wrong, the line of the condition, and a caret under the place.
    static List<String> check(String text) {
        return problems(text, Lazy.COMPILER.compile(text));
    }

    private static List<String> problems(String text, CelValidationResult result) {
        var problems = new ArrayList<String>();
        for (var issue : result.getErrors()) {
            problems.add(shown(text, inOurWords(text, issue.getMessage()), issue.getSourceLocation()));
        }
        if (!problems.isEmpty()) {
            return List.copyOf(problems);
        }
        try {
            new Patterns(text, result.getAst(), problems).visit(result.getAst());
        } catch (CelValidationException e) {
            problems.add(e.getMessage());
        }
        return List.copyOf(problems);
    }

    /// What the library says, with what people most often meant.
    private static String inOurWords(String text, String message) {
        var what = message.replace(" (in container '')", "");
        if (what.startsWith("undeclared reference to '")) {
            var name = what.substring("undeclared reference to '".length(), what.length() - 1);
            return what + "; fields stand under event, as in event." + name + ", and plain text stands in quotes, \""
                    + name + "\"";
        }
        if (what.startsWith("token recognition error at: '=")) {
            return "a single =; write == to compare";
        }
        if (what.startsWith("token recognition error at: ''") || what.startsWith("token recognition error at: '\"")) {
            return "text whose closing quote is missing";
        }
        if (what.startsWith("mismatched input '<EOF>'")) {
            return "it ends where something more is due";
        }
        if (what.startsWith("mismatched input '") && what.contains(" expecting ")) {
            return what.substring("mismatched input ".length(), what.indexOf(" expecting "))
                    + " does not go on from what stands before it; conditions are joined with && and ||, and turned round"
                    + " with !";
        }
        if (what.startsWith("expected type 'bool' but found")) {
            return what.replace("expected type 'bool' but found", "a condition is true or false; this is of type");
        }
        if (what.startsWith("found no matching overload for '@in'")) {
            return "in asks for a list: event.level in [\"error\", \"fatal\"]; for a part of a text write"
                    + " event.msg.contains(\"...\")";
        }
        return what;
    }

    private static String shown(String text, String what, CelSourceLocation place) {
        var lines = text.lines().toList();
        if (place.getLine() < 1 || place.getLine() > lines.size()) {
            return what;
        }
        var line = lines.get(place.getLine() - 1);
        int column = Math.max(0, Math.min(place.getColumn(), line.length()));
        var blank = new StringBuilder();
        for (char c : line.substring(0, column).toCharArray()) {
            blank.append(c == '\t' ? '\t' : ' ');
        }
        return what + "\n" + INDENT + line + "\n" + INDENT + blank + "^";
    }

    /// Looks at the expressions given to `matches`: a wrong one would only show on the first event.
    private static final class Patterns extends CelExprVisitor {
        private final String text;
        private final CelAbstractSyntaxTree tree;
        private final List<String> problems;

        Patterns(String text, CelAbstractSyntaxTree tree, List<String> problems) {
            this.text = text;
            this.tree = tree;
            this.problems = problems;
        }

        @Override
        protected void visit(CelExpr expression, CelCall call) {
            super.visit(expression, call);
            if (!call.function().equals("matches") || call.args().isEmpty()) {
                return;
            }
            var pattern = call.args().getLast();
            if (pattern.exprKind().getKind() != CelExpr.ExprKind.Kind.CONSTANT
                    || pattern.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
                return;
            }
            try {
                var made = Pattern.compile(pattern.constant().stringValue());
                if (made.programSize() > OPTIONS.maxRegexProgramSize()) {
                    report(pattern, "the expression of matches is too large; write a shorter one");
                }
            } catch (PatternSyntaxException e) {
                report(pattern, "the expression of matches is no RE2 expression: " + e.getMessage());
            }
        }

        private void report(CelExpr at, String what) {
            var place = tree.getSource()
                    .getOffsetLocation(tree.getSource().getPositionsMap().getOrDefault(at.id(), 0));
            problems.add(shown(text, what, place.orElse(CelSourceLocation.NONE)));
        }
    }
}
