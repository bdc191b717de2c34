package io.logroute.parts.cel;

import dev.cel.common.ast.CelExpr;
import io.logroute.spec.Claims;
import io.logroute.spec.Expressions;
import io.logroute.spec.FieldPath;
import io.logroute.spec.When;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Values for fields by which a condition may become true: guesses, to be tried. They are made of
/// comparisons, `in`, `has`, `contains`, `startsWith`, `endsWith`, and these joined by `&&`, `||` and `!`.
public final class Suggestions {
    private static final int MOST = 32;

    /// Nothing is asked of any field.
    private static final List<Map<FieldPath, Object>> ANY = List.of(Map.of());

    private Suggestions() {}

    /// Several to try in turn; none when nothing comes to mind.
    ///
    /// @param when one that [When#check] finds nothing wrong with
    public static List<Map<FieldPath, Object>> of(When when) {
        return wanted(
                Expressions.compile(when.text(), Expressions.Use.CONDITION).getExpr(), true);
    }

    /// @param truth what the expression is to be
    private static List<Map<FieldPath, Object>> wanted(CelExpr expression, boolean truth) {
        if (Claims.constant(expression) instanceof Boolean constant) {
            return constant == truth ? ANY : List.of();
        }
        var field = Claims.field(expression);
        if (field.isPresent()) {
            return one(field.get(), truth);
        }
        return switch (expression.exprKind().getKind()) {
            case SELECT -> has(expression, truth);
            case CALL -> call(expression.call(), truth);
            case NOT_SET, CONSTANT, IDENT, LIST, STRUCT, MAP, COMPREHENSION -> List.of();
        };
    }

    private static List<Map<FieldPath, Object>> has(CelExpr expression, boolean truth) {
        var select = expression.select();
        if (!truth) {
            return ANY;
        }
        var keys = new ArrayList<>(
                Claims.field(select.operand()).map(FieldPath::keys).orElse(List.of()));
        keys.add(select.field());
        return one(new FieldPath(keys), "something");
    }

    private static List<Map<FieldPath, Object>> call(CelExpr.CelCall call, boolean truth) {
        var args = call.args();
        return switch (call.function()) {
            case "_&&_", "_||_" -> {
                var left = wanted(args.get(0), truth);
                var right = wanted(args.get(1), truth);
                yield call.function().equals("_&&_") == truth ? both(left, right) : either(left, right);
            }
            case "!_" -> wanted(args.get(0), !truth);
            case "_==_" -> compared(args.get(0), args.get(1), truth ? "==" : "!=");
            case "_!=_" -> compared(args.get(0), args.get(1), truth ? "!=" : "==");
            case "_<_" -> compared(args.get(0), args.get(1), truth ? "<" : ">=");
            case "_<=_" -> compared(args.get(0), args.get(1), truth ? "<=" : ">");
            case "_>_" -> compared(args.get(0), args.get(1), truth ? ">" : "<=");
            case "_>=_" -> compared(args.get(0), args.get(1), truth ? ">=" : "<");
            case "@in" -> in(args.get(0), args.get(1), truth);
            case "contains", "startsWith", "endsWith" -> text(call, truth);
            default -> List.of();
        };
    }

    private static List<Map<FieldPath, Object>> compared(CelExpr left, CelExpr right, String relation) {
        var field = Claims.field(left);
        if (field.isPresent()) {
            return Optional.ofNullable(Claims.constant(right))
                    .map(value -> one(field.get(), beside(value, relation)))
                    .orElse(List.of());
        }
        var turned = switch (relation) {
            case "<" -> ">";
            case "<=" -> ">=";
            case ">" -> "<";
            case ">=" -> "<=";
            default -> relation;
        };
        return Claims.field(right)
                .flatMap(of -> Optional.ofNullable(Claims.constant(left)).map(value -> one(of, beside(value, turned))))
                .orElse(List.of());
    }

    /// A value that stands in that relation to the other.
    private static Object beside(Object value, String relation) {
        return switch (relation) {
            case "==", "<=", ">=" -> value;
            case "<" -> moved(value, -1);
            case ">" -> moved(value, 1);
            default -> value instanceof Boolean truth ? (Object) !truth : moved(value, 1);
        };
    }

    private static Object moved(Object value, int by) {
        return switch (value) {
            case Long number -> number + by;
            case Double number -> number + by;
            case String text -> by > 0 ? text + "x" : text.isEmpty() ? text : text.substring(0, text.length() - 1);
            default -> value;
        };
    }

    private static List<Map<FieldPath, Object>> in(CelExpr one, CelExpr list, boolean truth) {
        var field = Claims.field(one);
        if (field.isEmpty() || list.exprKind().getKind() != CelExpr.ExprKind.Kind.LIST) {
            return List.of();
        }
        var out = new ArrayList<Map<FieldPath, Object>>();
        for (var element : list.list().elements()) {
            if (Claims.constant(element) instanceof Object value) {
                out.addAll(one(field.get(), truth ? value : moved(value, 1)));
            }
        }
        return cut(out);
    }

    private static List<Map<FieldPath, Object>> text(CelExpr.CelCall call, boolean truth) {
        var field = call.target().flatMap(Claims::field);
        if (field.isEmpty() || !(Claims.constant(call.args().getFirst()) instanceof String part)) {
            return List.of();
        }
        return one(field.get(), truth ? part : "-");
    }

    private static List<Map<FieldPath, Object>> one(FieldPath field, Object value) {
        return List.of(Map.of(field, value));
    }

    private static List<Map<FieldPath, Object>> both(
            List<Map<FieldPath, Object>> left, List<Map<FieldPath, Object>> right) {
        var out = new ArrayList<Map<FieldPath, Object>>();
        for (var one : left) {
            for (var other : right) {
                // What both ask of one field: either may do for both, `has(event.a) && event.a > 1`.
                out.add(joined(one, other));
                out.add(joined(other, one));
            }
        }
        return cut(out);
    }

    private static Map<FieldPath, Object> joined(Map<FieldPath, Object> one, Map<FieldPath, Object> over) {
        var all = new LinkedHashMap<>(one);
        all.putAll(over);
        return all;
    }

    private static List<Map<FieldPath, Object>> either(
            List<Map<FieldPath, Object>> left, List<Map<FieldPath, Object>> right) {
        var out = new ArrayList<>(left);
        out.addAll(right);
        return cut(out);
    }

    private static List<Map<FieldPath, Object>> cut(List<Map<FieldPath, Object>> all) {
        return all.stream().distinct().limit(MOST).toList();
    }
}
