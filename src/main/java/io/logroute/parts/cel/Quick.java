package io.logroute.parts.cel;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import io.logroute.flow.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The conditions that most people write, answered without the CEL runtime: comparisons of a
/// top-level field with text or a whole number, `in` a list of those, `contains`, `startsWith`,
/// `endsWith`, `has`, a field that is a boolean, and these joined by `&&`, `||` and `!`. Where it
/// is not sure of the answer that CEL gives, it says so; then CEL is asked. A law holds both to
/// one another.
final class Quick {
    /// What is known of an expression for one event. [#FAILED] is an error of the evaluation, which
    /// `&&` and `||` absorb when the other side decides.
    enum Answer {
        YES,
        NO,
        FAILED,
        UNSURE;

        static Answer of(boolean truth) {
            return truth ? YES : NO;
        }
    }

    interface Question {
        Answer of(Event event);
    }

    private static final Question UNSURE = _ -> Answer.UNSURE;

    private Quick() {}

    /// The expression of a checked condition; a part that is not of the simple kind is unsure for
    /// every event.
    static Question of(CelExpr expression) {
        return switch (expression.exprKind().getKind()) {
            case CALL -> call(expression.call());
            case SELECT -> expression.select().testOnly() ? has(expression.select()) : truth(expression);
            case CONSTANT -> {
                var constant = expression.constant();
                if (constant.getKind() != CelConstant.Kind.BOOLEAN_VALUE) {
                    yield UNSURE;
                }
                var answer = Answer.of(constant.booleanValue());
                yield _ -> answer;
            }
            case NOT_SET, IDENT, LIST, STRUCT, MAP, COMPREHENSION -> UNSURE;
        };
    }

    private static Question call(CelExpr.CelCall call) {
        var args = call.args();
        return switch (call.function()) {
            case "_&&_" -> joined(of(args.get(0)), of(args.get(1)), Answer.NO, Answer.YES);
            case "_||_" -> joined(of(args.get(0)), of(args.get(1)), Answer.YES, Answer.NO);
            case "!_" -> not(of(args.get(0)));
            case "_==_" -> equal(args.get(0), args.get(1));
            case "_!=_" -> not(equal(args.get(0), args.get(1)));
            case "_<_" -> ordered(args.get(0), args.get(1), sign -> sign < 0);
            case "_<=_" -> ordered(args.get(0), args.get(1), sign -> sign <= 0);
            case "_>_" -> ordered(args.get(0), args.get(1), sign -> sign > 0);
            case "_>=_" -> ordered(args.get(0), args.get(1), sign -> sign >= 0);
            case "@in" -> in(args.get(0), args.get(1));
            case "contains" -> text(call, (text, part) -> text.contains(part));
            case "startsWith" -> text(call, (text, part) -> text.startsWith(part));
            case "endsWith" -> text(call, (text, part) -> text.endsWith(part));
            default -> UNSURE;
        };
    }

    /// @param decides the answer of one side that makes the other not matter
    private static Question joined(Question one, Question other, Answer decides, Answer both) {
        return event -> {
            var first = one.of(event);
            if (first == decides) {
                return decides;
            }
            var second = other.of(event);
            if (second == decides) {
                return decides;
            }
            if (first == Answer.UNSURE || second == Answer.UNSURE) {
                return Answer.UNSURE;
            }
            return first == Answer.FAILED || second == Answer.FAILED ? Answer.FAILED : both;
        };
    }

    private static Question not(Question question) {
        return event -> switch (question.of(event)) {
            case YES -> Answer.NO;
            case NO -> Answer.YES;
            case FAILED -> Answer.FAILED;
            case UNSURE -> Answer.UNSURE;
        };
    }

    private static Question has(CelExpr.CelSelect select) {
        var name = select.field();
        return isEvent(select.operand()) ? event -> Answer.of(event.has(name)) : UNSURE;
    }

    private static Question truth(CelExpr expression) {
        var field = field(expression);
        if (field.isEmpty()) {
            return UNSURE;
        }
        var name = field.get();
        return event -> switch (event.get(name)) {
            case null -> missing(event, name);
            case Boolean value -> Answer.of(value);
            default -> Answer.UNSURE;
        };
    }

    private static Question equal(CelExpr one, CelExpr other) {
        var name = field(one);
        var constant = constant(other);
        if (name.isEmpty() && constant == null) {
            name = field(other);
            constant = constant(one);
        }
        return name.isEmpty() || constant == null ? UNSURE : equal(name.get(), constant);
    }

    private static Question equal(String name, Object constant) {
        return event -> {
            var value = event.get(name);
            if (value == null) {
                return missing(event, name);
            }
            return value.getClass() == constant.getClass() ? Answer.of(value.equals(constant)) : Answer.UNSURE;
        };
    }

    private static Question ordered(CelExpr one, CelExpr other, Predicate<Integer> holds) {
        var name = field(one);
        if (name.isEmpty() || !(constant(other) instanceof Long bound)) {
            return UNSURE;
        }
        return event -> switch (event.get(name.get())) {
            case null -> missing(event, name.get());
            case Long number -> Answer.of(holds.test(Long.compare(number, bound)));
            default -> Answer.UNSURE;
        };
    }

    private static Question in(CelExpr one, CelExpr list) {
        var name = field(one);
        var values = new ArrayList<Object>();
        if (name.isEmpty() || list.exprKind().getKind() != CelExpr.ExprKind.Kind.LIST) {
            return UNSURE;
        }
        for (var element : list.list().elements()) {
            var constant = constant(element);
            if (constant == null
                    || !values.isEmpty()
                            && constant.getClass() != values.getFirst().getClass()) {
                return UNSURE;
            }
            values.add(constant);
        }
        return values.isEmpty() ? UNSURE : in(name.get(), List.copyOf(values));
    }

    private static Question in(String name, List<Object> values) {
        return event -> {
            var value = event.get(name);
            if (value == null) {
                return missing(event, name);
            }
            return value.getClass() == values.getFirst().getClass() ? Answer.of(values.contains(value)) : Answer.UNSURE;
        };
    }

    private interface OfText {
        boolean holds(String text, String part);
    }

    private static Question text(CelExpr.CelCall call, OfText relation) {
        var name = call.target().flatMap(Quick::field);
        if (name.isEmpty() || call.args().size() != 1 || !(constant(call.args().getFirst()) instanceof String part)) {
            return UNSURE;
        }
        return event -> switch (event.get(name.get())) {
            case null -> missing(event, name.get());
            case String text -> Answer.of(relation.holds(text, part));
            default -> Answer.UNSURE;
        };
    }

    /// A field that is not there fails; one that is null is for CEL to judge.
    private static Answer missing(Event event, String name) {
        return event.has(name) ? Answer.UNSURE : Answer.FAILED;
    }

    /// The name in `event.name` or `event["name"]`.
    private static Optional<String> field(CelExpr expression) {
        return switch (expression.exprKind().getKind()) {
            case SELECT ->
                isEvent(expression.select().operand()) && !expression.select().testOnly()
                        ? Optional.of(expression.select().field())
                        : Optional.empty();
            case CALL ->
                expression.call().function().equals("_[_]")
                                && isEvent(expression.call().args().get(0))
                                && constant(expression.call().args().get(1)) instanceof String name
                        ? Optional.of(name)
                        : Optional.empty();
            case NOT_SET, CONSTANT, IDENT, LIST, STRUCT, MAP, COMPREHENSION -> Optional.empty();
        };
    }

    private static boolean isEvent(CelExpr expression) {
        return expression.exprKind().getKind() == CelExpr.ExprKind.Kind.IDENT
                && expression.ident().name().equals("event");
    }

    /// Text and whole numbers; `null` for all else.
    private static @Nullable Object constant(CelExpr expression) {
        if (expression.exprKind().getKind() != CelExpr.ExprKind.Kind.CONSTANT) {
            return null;
        }
        var constant = expression.constant();
        return switch (constant.getKind()) {
            case STRING_VALUE -> constant.stringValue();
            case INT64_VALUE -> constant.int64Value();
            default -> null;
        };
    }
}
