package io.logroute.spec;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExprVisitor;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypes;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The one place that knows what an expression may say: CEL with its standard functions and macros,
/// over `event`, a map from text to anything, `route`, the name of the route, and, but in a match,
/// `now`, a timestamp. Numbers of different types compare by value, and whole ones and decimals may
/// be mixed in arithmetic ([#MIXED]): the fields of an event have no types that could be known
/// before. Besides, CEL's extension for text: `charAt`, `indexOf`, `join`, `lastIndexOf`,
/// `lowerAscii`, `replace`, `split`, `substring`, `trim`, `upperAscii`, and `regex.replace(text,
/// expression, replacement)`.
///
/// An expression is bounded: 10,000 characters, 100 levels, 10,000 turns of its macros (`all`, `exists`, ...)
/// an event; `matches` and `regex.replace` take RE2 expressions, whose time grows with the text only, and
/// only written out, so that no event brings one. What `+`, `replace`, `join` and `regex.replace` make of
/// text is bounded by [#MOST_TEXT]. Not bounded beyond the turns of macros are lists joined with `+`, and
/// what the functions give that make no text longer.
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

    /// Expressions that were found good: labels and specs are read again and again, and many say the same.
    private static final Set<String> GOOD = ConcurrentHashMap.newKeySet();

    /// What some of those came to, those asked for lately: a thousand services of a team say a few conditions.
    private static final Map<String, CelAbstractSyntaxTree> COMPILED =
            Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, CelAbstractSyntaxTree> eldest) {
                    return size() > MOST_COMPILED;
                }
            });

    private static final int MOST_COMPILED = 256;
    private static final int MOST_KNOWN = 5_000;
    private static final int LONGEST_KNOWN = 500;

    /// Characters of text, at most, that `+`, `replace`, `join` and `regex.replace` make in one evaluation
    /// together. Beyond it the evaluation fails, as it does where a field is missing.
    public static final int MOST_TEXT = 16 << 20;

    private static final String INDENT = "    ";
    private static final String MISSPELT = "token recognition error";
    private static final java.util.regex.Pattern NO_OVERLOAD = java.util.regex.Pattern.compile(
            "found no matching overload for '(.+?)' applied to '(.+)' \\(candidates: (.*)\\)");
    private static final java.util.regex.Pattern AT_FIELD =
            java.util.regex.Pattern.compile("\\bevent\\.(@[A-Za-z0-9_]+)");
    private static final java.util.regex.Pattern LIST_OF_NAME = java.util.regex.Pattern.compile(
            "\\[ *([A-Za-z_][A-Za-z0-9_]*) *\\](?: *\\[ *[A-Za-z_][A-Za-z0-9_]* *\\])* *(?:[=!]=|=~|in\\b|<|>)");
    private static final String UNDECLARED = "undeclared reference to '";
    private static final String NOW = "now";
    private static final String REPLACE = "regex.replace";
    private static final String TOO_LARGE = "the expression of %s is too large; write a shorter one";

    /// The operators that take a whole number and a decimal, beside what CEL has; the result is a
    /// decimal. Who evaluates an expression must bind [#mixed] of each.
    public static final List<String> MIXED = List.of("_+_", "_-_", "_*_", "_/_");

    /// What an expression is for.
    public enum Use {
        /// The condition of a match: every sink asks it for itself, and again after a restart, so it
        /// may not depend on when it is asked.
        MATCH,
        /// Any other condition.
        CONDITION,
        /// A value for a field.
        FORMULA
    }

    private Expressions() {}

    /// The name of the overload of a mixed operator.
    ///
    /// @param wholeFirst whether the whole number is on the left
    public static String mixed(String operator, boolean wholeFirst) {
        return "logroute" + operator + (wholeFirst ? "whole_decimal" : "decimal_whole");
    }

    private static List<CelFunctionDecl> mixed() {
        return MIXED.stream()
                .map(operator -> CelFunctionDecl.newFunctionDeclaration(
                        operator,
                        CelOverloadDecl.newGlobalOverload(
                                mixed(operator, true), SimpleType.DOUBLE, SimpleType.INT, SimpleType.DOUBLE),
                        CelOverloadDecl.newGlobalOverload(
                                mixed(operator, false), SimpleType.DOUBLE, SimpleType.DOUBLE, SimpleType.INT)))
                .toList();
    }

    /// Of the functions for regular expressions the one that gives text; the others give optional values,
    /// which no field holds.
    private static List<CelFunctionDecl> replacing() {
        return CelExtensions.regex().functions().stream()
                .filter(function -> function.name().equals(REPLACE))
                .toList();
    }

    private static final class Lazy {
        static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addVar("event", MapType.create(SimpleType.STRING, SimpleType.DYN))
                .addVar("route", SimpleType.STRING)
                .addVar(NOW, SimpleType.TIMESTAMP)
                .addFunctionDeclarations(mixed())
                .addLibraries(CelExtensions.strings())
                .addFunctionDeclarations(replacing())
                .build();
    }

    /// What holds for compiling and for evaluating alike.
    public static CelOptions options() {
        return OPTIONS;
    }

    /// The expression, checked.
    ///
    /// @throws IllegalArgumentException when [#check] finds something wrong; its message has all
    ///     of it
    public static CelAbstractSyntaxTree compile(String text, Use use) {
        var known = use + " " + text;
        var before = COMPILED.get(known);
        if (before != null) {
            return before;
        }
        var result = checked(text);
        var problems = problems(text, use, result);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        try {
            var compiled = result.getAst();
            if (text.length() <= LONGEST_KNOWN) {
                COMPILED.put(known, compiled);
            }
            return compiled;
        } catch (CelValidationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /// All that is wrong with the expression; empty when nothing is. Each message is three lines:
    /// what is wrong, the line of the expression, and a caret under the place.
    static List<String> check(String text, Use use) {
        var known = use + " " + text;
        if (GOOD.contains(known)) {
            return List.of();
        }
        var wrong = problems(text, use, checked(text));
        if (wrong.isEmpty() && text.length() <= LONGEST_KNOWN) {
            if (GOOD.size() >= MOST_KNOWN) {
                GOOD.clear();
            }
            GOOD.add(known);
        }
        return wrong;
    }

    /// Parsed and type-checked. `event["a"]["b"]` is checked as `event.a.b`: of an index into something of
    /// unknown type CEL takes the first type that would fit what stands around it.
    private static CelValidationResult checked(String text) {
        var parsed = Lazy.COMPILER.parse(text);
        if (parsed.hasError()) {
            return parsed;
        }
        try {
            var tree = parsed.getAst();
            return Lazy.COMPILER.check(CelAbstractSyntaxTree.newParsedAst(
                    new Rewriting(Expressions::selected).of(tree.getExpr()), tree.getSource()));
        } catch (CelValidationException e) {
            throw new IllegalStateException("parsed without a problem, and yet: " + e.getMessage(), e);
        }
    }

    /// `event.a` for `event["a"]`, however deep.
    private static Optional<CelExpr> selected(CelExpr at) {
        if (at.exprKind().getKind() != CelExpr.ExprKind.Kind.CALL
                || !at.call().function().equals("_[_]")) {
            return Optional.empty();
        }
        var of = at.call().args().get(0);
        var key = at.call().args().get(1);
        if (!isOfEvent(of)
                || key.exprKind().getKind() != CelExpr.ExprKind.Kind.CONSTANT
                || key.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
            return Optional.empty();
        }
        return Optional.of(CelExpr.ofSelect(
                at.id(),
                new Rewriting(Expressions::selected).of(of),
                key.constant().stringValue(),
                false));
    }

    /// Whether it is `event`, or a field of it.
    private static boolean isOfEvent(CelExpr expression) {
        var at = expression;
        while (true) {
            switch (at.exprKind().getKind()) {
                case IDENT -> {
                    return at.ident().name().equals("event");
                }
                case SELECT -> at = at.select().operand();
                case CALL -> {
                    if (!at.call().function().equals("_[_]")) {
                        return false;
                    }
                    at = at.call().args().getFirst();
                }
                case NOT_SET, CONSTANT, LIST, STRUCT, MAP, COMPREHENSION -> {
                    return false;
                }
            }
        }
    }

    private static List<String> problems(String text, Use use, CelValidationResult result) {
        var problems = new ArrayList<String>();
        // Where a character is wrong, what the rest says of it only confuses.
        boolean isMisspelt =
                result.getErrors().stream().anyMatch(issue -> issue.getMessage().startsWith(MISSPELT));
        for (var issue : result.getErrors()) {
            if (isMisspelt && !issue.getMessage().startsWith(MISSPELT)) {
                continue;
            }
            var place = issue.getSourceLocation();
            if (!isBeforeFunction(text, place, result)) {
                problems.add(shown(text, inOurWords(text, issue.getMessage(), place), place));
            }
        }
        if (!problems.isEmpty()) {
            return List.copyOf(problems);
        }
        try {
            new Look(text, use, result.getAst(), problems).all();
        } catch (CelValidationException e) {
            problems.add(e.getMessage());
        }
        return List.copyOf(problems);
    }

    /// Whether it is `math` of `math.max(1, 2)`: that there is no such function says all.
    private static boolean isBeforeFunction(String text, CelSourceLocation place, CelValidationResult result) {
        return result.getErrors().stream()
                .filter(issue -> issue.getMessage().startsWith(UNDECLARED))
                .map(issue -> issue.getSourceLocation())
                .anyMatch(other -> !other.equals(place)
                        && other.getLine() == place.getLine()
                        && Functions.calledAt(text, other)
                                .filter(function -> other.getColumn() - function.length() == place.getColumn())
                                .isPresent());
    }

    /// What the library says, with what people most often meant.
    private static String inOurWords(String text, String message, CelSourceLocation place) {
        var what = message.replace(" (in container '')", "");
        if (what.startsWith(UNDECLARED)) {
            var name = what.substring(UNDECLARED.length(), what.length() - 1);
            var function = Functions.calledAt(text, place);
            if (function.isPresent()) {
                return Functions.missing(function.get());
            }
            var bracketed = LIST_OF_NAME.matcher(text);
            while (bracketed.find()) {
                if (bracketed.group(1).equals(name)
                        && !text.substring(0, bracketed.start()).endsWith("event")) {
                    return "[%s] is Logstash's way to name a field; write event.%s".formatted(name, name);
                }
            }
            return what + "; fields stand under event, as in event." + name + ", and plain text stands in quotes, \""
                    + name + "\"";
        }
        if (text.contains("=~") && what.startsWith("token recognition error at: '")) {
            return "=~ is not known here; write event.msg.matches(\"...\")";
        }
        var at = AT_FIELD.matcher(text);
        if (at.find() && what.startsWith("token recognition error at: '@")) {
            return "a name with @ stands in brackets: event[\"%s\"]".formatted(at.group(1));
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
        if (what.startsWith("found no matching overload for '@in'")) {
            return "in asks for a list: event.level in [\"error\", \"fatal\"]; for a part of a text write"
                    + " event.msg.contains(\"...\")";
        }
        var overload = NO_OVERLOAD.matcher(what);
        if (overload.matches()) {
            return "%s does not take %s; it takes %s"
                    .formatted(
                            overload.group(1).replace("_", "").replace("@", ""), overload.group(2), overload.group(3));
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

    /// Finds what CEL itself lets pass, or would only show on the first event.
    private static final class Look extends CelExprVisitor {
        private final String text;
        private final Use use;
        private final CelAbstractSyntaxTree tree;
        private final List<String> problems;

        Look(String text, Use use, CelAbstractSyntaxTree tree, List<String> problems) {
            this.text = text;
            this.use = use;
            this.tree = tree;
            this.problems = problems;
        }

        void all() {
            var type = tree.getResultType();
            switch (use) {
                case MATCH, CONDITION -> {
                    if (type.kind() != CelKind.BOOL && type.kind() != CelKind.DYN) {
                        report(tree.getExpr(), "a condition is true or false; this is of type '" + name(type) + "'");
                    } else if (isArithmetic(tree.getExpr())) {
                        report(tree.getExpr(), "a condition is true or false; this is arithmetic");
                    }
                }
                case FORMULA -> {
                    if (type.kind() == CelKind.BYTES || type.kind() == CelKind.TYPE) {
                        report(
                                tree.getExpr(),
                                "a field holds text, a number, true or false, a list or an object; this is of type '"
                                        + name(type) + "'");
                    }
                }
            }
            visit(tree);
        }

        /// Of fields the type of the result is not known before.
        private static boolean isArithmetic(CelExpr expression) {
            return expression.exprKind().getKind() == CelExpr.ExprKind.Kind.CALL
                    && MIXED.contains(expression.call().function());
        }

        private static String name(CelType type) {
            return CelTypes.format(type);
        }

        @Override
        protected void visit(CelExpr expression, CelExpr.CelIdent ident) {
            if (use == Use.MATCH && ident.name().equals(NOW)) {
                report(
                        expression,
                        "a match may not ask for now: it has to give the same answer whenever it is asked; use now in"
                                + " the when of a filter");
            }
        }

        /// `now` may be the name of something else inside of a macro.
        @Override
        protected void visit(CelExpr expression, CelExpr.CelComprehension macro) {
            if (!macro.iterVar().equals(NOW) && !macro.iterVar2().equals(NOW)) {
                super.visit(expression, macro);
                return;
            }
            visit(macro.iterRange());
        }

        @Override
        protected void visit(CelExpr expression, CelCall call) {
            super.visit(expression, call);
            boolean replaces = call.function().equals(REPLACE) && call.args().size() > 1;
            if (!replaces && (!call.function().equals("matches") || call.args().isEmpty())) {
                return;
            }
            var pattern = replaces ? call.args().get(1) : call.args().getLast();
            if (pattern.exprKind().getKind() != CelExpr.ExprKind.Kind.CONSTANT
                    || pattern.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
                report(
                        pattern,
                        "the expression of %s must be written out, as text in quotes: what comes with an event could be any"
                                        .formatted(call.function())
                                + " expression");
                return;
            }
            if (!ExpressionSize.isBounded(pattern.constant().stringValue())) {
                report(pattern, TOO_LARGE.formatted(call.function()));
                return;
            }
            try {
                var made = Pattern.compile(pattern.constant().stringValue());
                if (made.programSize() > OPTIONS.maxRegexProgramSize()) {
                    report(pattern, TOO_LARGE.formatted(call.function()));
                }
            } catch (PatternSyntaxException e) {
                report(
                        pattern,
                        "the expression of %s is no RE2 expression: %s".formatted(call.function(), e.getMessage()));
            }
        }

        private void report(CelExpr at, String what) {
            var place = tree.getSource()
                    .getOffsetLocation(tree.getSource().getPositionsMap().getOrDefault(at.id(), 0));
            problems.add(shown(text, what, place.orElse(CelSourceLocation.NONE)));
        }
    }
}
