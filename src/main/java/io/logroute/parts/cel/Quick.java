package io.logroute.parts.cel;

import com.google.re2j.Pattern;
import dev.cel.common.ast.CelExpr;
import io.logroute.flow.Event;
import io.logroute.spec.Expressions;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// The expressions that most people write, answered without the CEL runtime: fields, nested ones too,
/// `route`, text, numbers, booleans and `null`; `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `&&`, `||`,
/// `!`, `?:`, `has`, `size`, `contains`, `startsWith`, `endsWith`, `matches` with an expression that
/// is written there, and arithmetic. Where it is not sure of the answer that CEL gives, it says so;
/// then CEL is asked. A law holds both to one another.
final class Quick {
    /// An expression, ready to be asked. It gives `String`, `Long`, `Double`, `Boolean`, `Map`, `List`,
    /// [#NULL], [#FAILED] or [#UNSURE].
    interface Term {
        Object of(Event event);
    }

    /// The evaluation fails, which `&&` and `||` absorb when the other side decides.
    static final Object FAILED = new Object();

    /// CEL has to be asked.
    static final Object UNSURE = new Object();

    /// The value `null`.
    static final Object NULL = dev.cel.common.values.NullValue.NULL_VALUE;

    private static final Term ASK = _ -> UNSURE;

    /// Longer texts the runtime adds, which counts what is made: of no more characters than these, all sums
    /// that an expression of 10,000 characters can ask for stay within [Expressions#MOST_TEXT].
    private static final int LONGEST_SUM = 5_000;

    /// Decimals hold whole numbers up to here exactly.
    private static final long EXACT = 1L << 53;

    private Quick() {}

    /// @param expression a checked one; a part that is not of the simple kind is unsure for every
    ///     event
    static Term of(CelExpr expression, String route) {
        return new Making(route).of(expression);
    }

    /// What is made knows the route.
    private record Making(String route) {
        Term of(CelExpr expression) {
            var path = Paths.field(expression);
            if (path.isPresent()) {
                return field(path.get().toArray(String[]::new));
            }
            return switch (expression.exprKind().getKind()) {
                case CALL -> call(expression.call());
                case SELECT -> expression.select().testOnly() ? has(expression.select()) : ASK;
                case CONSTANT -> {
                    var constant = constant(expression);
                    yield constant == null ? ASK : _ -> constant;
                }
                case IDENT -> expression.ident().name().equals("route") ? _ -> route : ASK;
                case NOT_SET, LIST, STRUCT, MAP, COMPREHENSION -> ASK;
            };
        }

        private Term call(CelExpr.CelCall call) {
            var operands = new ArrayList<Term>();
            call.target().ifPresent(target -> operands.add(of(target)));
            call.args().forEach(arg -> operands.add(of(arg)));
            return switch (call.function()) {
                case "_&&_" -> joined(operands.get(0), operands.get(1), false);
                case "_||_" -> joined(operands.get(0), operands.get(1), true);
                case "!_" -> not(operands.get(0));
                case "_?_:_" -> choice(operands.get(0), operands.get(1), operands.get(2));
                case "_==_" -> equal(call.args(), operands, true);
                case "_!=_" -> equal(call.args(), operands, false);
                case "_<_" -> ordered(operands, sign -> sign < 0);
                case "_<=_" -> ordered(operands, sign -> sign <= 0);
                case "_>_" -> ordered(operands, sign -> sign > 0);
                case "_>=_" -> ordered(operands, sign -> sign >= 0);
                case "@in" -> in(operands, call.args().get(1));
                case "contains" -> text(operands, String::contains);
                case "startsWith" -> text(operands, String::startsWith);
                case "endsWith" -> text(operands, String::endsWith);
                case "matches" -> matches(operands.get(0), call.args().getLast());
                case "size" -> size(operands.get(0));
                case "_+_", "_-_", "_*_", "_/_" -> arithmetic(call.function(), operands);
                default -> ASK;
            };
        }

        private static Term has(CelExpr.CelSelect select) {
            var path = Paths.asked(select);
            if (path.isEmpty()) {
                return ASK;
            }
            var keys = path.get().toArray(String[]::new);
            return event -> event.has(keys);
        }
    }

    // ---- fields and constants

    private static Term field(String[] keys) {
        return event -> {
            var value = event.find(keys);
            return value == Event.ABSENT ? FAILED : seen(value);
        };
    }

    /// CEL has no numbers beyond 64 bits.
    private static Object seen(@Nullable Object value) {
        return switch (value) {
            case null -> NULL;
            case String text -> text;
            case BigInteger number -> number.doubleValue();
            case BigDecimal number -> number.doubleValue();
            case Integer number -> number.longValue();
            case Object other -> other;
        };
    }

    /// Text, whole numbers, decimals, booleans and `null`; Java's `null` for all else.
    private static @Nullable Object constant(CelExpr expression) {
        if (expression.exprKind().getKind() != CelExpr.ExprKind.Kind.CONSTANT) {
            return null;
        }
        var constant = expression.constant();
        return switch (constant.getKind()) {
            case STRING_VALUE -> constant.stringValue();
            case INT64_VALUE -> constant.int64Value();
            case DOUBLE_VALUE -> constant.doubleValue();
            case BOOLEAN_VALUE -> constant.booleanValue();
            case NULL_VALUE -> NULL;
            default -> null;
        };
    }

    private static boolean isPlain(Object value) {
        return value instanceof String
                || value instanceof Long
                || value instanceof Double
                || value instanceof Boolean
                || value == NULL;
    }

    // ---- true or false

    /// @param decides the answer of one side that makes the other not matter
    private static Term joined(Term one, Term other, boolean decides) {
        return event -> {
            var first = one.of(event);
            if (first instanceof Boolean truth && truth == decides) {
                return decides;
            }
            var second = other.of(event);
            if (second instanceof Boolean truth && truth == decides) {
                return decides;
            }
            if (first == UNSURE || second == UNSURE) {
                return UNSURE;
            }
            return first instanceof Boolean && second instanceof Boolean ? !decides : FAILED;
        };
    }

    private static Term not(Term term) {
        return event -> switch (term.of(event)) {
            case Boolean truth -> !truth;
            case Object other -> other == UNSURE ? UNSURE : FAILED;
        };
    }

    private static Term choice(Term condition, Term yes, Term no) {
        return event -> switch (condition.of(event)) {
            case Boolean truth -> truth ? yes.of(event) : no.of(event);
            case Object other -> other == UNSURE ? UNSURE : FAILED;
        };
    }

    // ---- comparisons

    private static Term equal(List<CelExpr> args, List<Term> operands, boolean wanted) {
        var one = operands.get(0);
        var other = operands.get(1);
        if (constant(args.get(1)) instanceof String text) {
            return equalsText(one, text, wanted);
        }
        if (constant(args.get(0)) instanceof String text) {
            return equalsText(other, text, wanted);
        }
        return event -> {
            var first = one.of(event);
            var second = other.of(event);
            if (first == UNSURE || second == UNSURE) {
                return UNSURE;
            }
            if (first == FAILED || second == FAILED) {
                return FAILED;
            }
            return switch (equal(first, second)) {
                case Boolean same -> same == wanted;
                case Object unsure -> unsure;
            };
        };
    }

    private static Term equalsText(Term term, String text, boolean wanted) {
        return event -> {
            var value = term.of(event);
            if (value instanceof String) {
                return value.equals(text) == wanted;
            }
            return value == UNSURE || value == FAILED ? value : (Object) !wanted;
        };
    }

    /// Whether two values are the same, or [#UNSURE].
    private static Object equal(Object one, Object other) {
        if (one instanceof Long a && other instanceof Long b) {
            return a.longValue() == b.longValue();
        }
        if (one instanceof Number && other instanceof Number) {
            return areNear(one, other) ? decimals((Number) one, (Number) other, sign -> sign == 0) : UNSURE;
        }
        return isPlain(one) && isPlain(other) ? (Object) one.equals(other) : UNSURE;
    }

    /// Whether they compare as decimals without loss.
    private static boolean areNear(Object... numbers) {
        for (var number : numbers) {
            if (number instanceof Long whole && (whole > EXACT || whole < -EXACT)) {
                return false;
            }
        }
        return true;
    }

    private static Term ordered(List<Term> operands, IntPredicate holds) {
        var one = operands.get(0);
        var other = operands.get(1);
        return event -> {
            var first = one.of(event);
            var second = other.of(event);
            if (first instanceof Long a && second instanceof Long b) {
                return holds.test(Long.compare(a, b));
            }
            if (first == UNSURE || second == UNSURE) {
                return UNSURE;
            }
            if (first instanceof Number a && second instanceof Number b) {
                return areNear(first, second) ? decimals(a, b, holds) : UNSURE;
            }
            if (first instanceof String a && second instanceof String b) {
                return holds.test(a.compareTo(b));
            }
            if (first instanceof Boolean a && second instanceof Boolean b) {
                return holds.test(Boolean.compare(a, b));
            }
            return FAILED;
        };
    }

    /// Of 0 and -0 CEL may know better.
    private static Object decimals(Number one, Number other, IntPredicate holds) {
        int sign = Double.compare(one.doubleValue(), other.doubleValue());
        return one.doubleValue() == other.doubleValue() && sign != 0 ? UNSURE : (Object) holds.test(sign);
    }

    // ---- lists

    private static Term in(List<Term> operands, CelExpr list) {
        if (list.exprKind().getKind() != CelExpr.ExprKind.Kind.LIST) {
            return Paths.isEvent(list) ? inEvent(operands.get(0)) : inField(operands.get(0), operands.get(1));
        }
        var values = new ArrayList<Object>();
        for (var element : list.list().elements()) {
            var constant = constant(element);
            if (constant == null) {
                return ASK;
            }
            values.add(constant);
        }
        return inConstants(operands.get(0), values);
    }

    private static Term inConstants(Term term, List<Object> values) {
        Set<Object> texts = new HashSet<>(values);
        texts.removeIf(value -> !(value instanceof String));
        var others = values.stream().filter(value -> !(value instanceof String)).toList();
        return event -> {
            var value = term.of(event);
            if (value instanceof String) {
                return texts.contains(value);
            }
            return value == UNSURE || value == FAILED ? value : isAmong(value, others);
        };
    }

    private static Object isAmong(Object value, List<?> some) {
        boolean unsure = false;
        for (var each : some) {
            var same = equal(seen(each), value);
            if (same == Boolean.TRUE) {
                return true;
            }
            unsure |= same == UNSURE;
        }
        return unsure ? UNSURE : (Object) false;
    }

    private static Term inField(Term term, Term list) {
        return event -> {
            var value = term.of(event);
            var among = list.of(event);
            if (value == UNSURE || among == UNSURE) {
                return UNSURE;
            }
            if (value == FAILED || among == FAILED) {
                return FAILED;
            }
            return switch (among) {
                case List<?> items -> isAmong(value, items);
                case Map<?, ?> map -> value instanceof String ? (Object) map.containsKey(value) : UNSURE;
                default -> FAILED;
            };
        };
    }

    private static Term inEvent(Term term) {
        return event -> {
            var value = term.of(event);
            return value instanceof String name ? (Object) event.has(name) : value == FAILED ? FAILED : UNSURE;
        };
    }

    private static Term size(Term term) {
        return event -> switch (term.of(event)) {
            case String text -> (long) text.codePointCount(0, text.length());
            case List<?> list -> (long) list.size();
            case Map<?, ?> map -> (long) map.size();
            case Object other -> other == UNSURE ? UNSURE : FAILED;
        };
    }

    // ---- text

    private interface OfText {
        boolean holds(String text, String part);
    }

    private static Term text(List<Term> operands, OfText relation) {
        var one = operands.get(0);
        var other = operands.get(1);
        return event -> {
            var text = one.of(event);
            var part = other.of(event);
            if (text instanceof String a && part instanceof String b) {
                return relation.holds(a, b);
            }
            return text == UNSURE || part == UNSURE ? UNSURE : FAILED;
        };
    }

    /// RE2 expressions, whose time grows with the text only, found anywhere in it.
    private static Term matches(Term term, CelExpr written) {
        if (!(constant(written) instanceof String expression)) {
            return ASK;
        }
        var pattern = Pattern.compile(expression);
        if (pattern.programSize() > Expressions.options().maxRegexProgramSize()) {
            return ASK;
        }
        return event -> switch (term.of(event)) {
            case String text -> pattern.matcher(text).find();
            case Object other -> other == UNSURE ? UNSURE : FAILED;
        };
    }

    // ---- arithmetic

    private static Term arithmetic(String operator, List<Term> operands) {
        if (operands.size() != 2) {
            return ASK;
        }
        var one = operands.get(0);
        var other = operands.get(1);
        var decimals = Mixed.of(operator);
        return event -> {
            var first = one.of(event);
            var second = other.of(event);
            if (first == UNSURE || second == UNSURE) {
                return UNSURE;
            }
            return arithmetic(operator, decimals, first, second);
        };
    }

    private static Object arithmetic(String operator, DoubleBinaryOperator decimals, Object one, Object other) {
        if (one instanceof Long a && other instanceof Long b) {
            return whole(operator, a, b);
        }
        if (one instanceof Number a && other instanceof Number b) {
            return decimals.applyAsDouble(a.doubleValue(), b.doubleValue());
        }
        boolean isSum = operator.equals("_+_");
        if (isSum && one instanceof String a && other instanceof String b) {
            return a.length() + b.length() > LONGEST_SUM ? UNSURE : a + b;
        }
        return isSum && one instanceof List && other instanceof List ? UNSURE : FAILED;
    }

    /// What does not fit into 64 bits fails.
    private static Object whole(String operator, long one, long other) {
        try {
            return switch (operator) {
                case "_+_" -> Math.addExact(one, other);
                case "_-_" -> Math.subtractExact(one, other);
                case "_*_" -> Math.multiplyExact(one, other);
                default -> Math.divideExact(one, other);
            };
        } catch (ArithmeticException e) {
            return FAILED;
        }
    }
}
