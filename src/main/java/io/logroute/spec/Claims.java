package io.logroute.spec;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a condition asks of single fields, as far as it can be told from its text: values of which the
/// field must be one, and bounds. Enough to find conditions that no event fulfils; not all of those.
public final class Claims {
    /// What a field must be.
    ///
    /// @param oneOf the only values it may have; empty when there is no such list
    /// @param not values it may not have
    /// @param above, below bounds of a number
    private record Claim(
            Optional<List<Object>> oneOf,
            List<Object> not,
            double above,
            boolean aboveItself,
            double below,
            boolean belowItself) {
        Claim and(Claim other) {
            Optional<List<Object>> both = oneOf.isPresent() && other.oneOf.isPresent()
                    ? Optional.of(oneOf.get().stream()
                            .filter(value -> other.oneOf.get().stream().anyMatch(each -> same(value, each)))
                            .toList())
                    : oneOf.or(() -> other.oneOf);
            var none = new ArrayList<>(not);
            none.addAll(other.not);
            boolean mine = above > other.above || above == other.above && !aboveItself;
            boolean lower = below < other.below || below == other.below && !belowItself;
            return new Claim(
                    both,
                    none,
                    mine ? above : other.above,
                    mine ? aboveItself : other.aboveItself,
                    lower ? below : other.below,
                    lower ? belowItself : other.belowItself);
        }

        boolean isImpossible() {
            if (above > below || above == below && !(aboveItself && belowItself)) {
                return true;
            }
            return oneOf.isPresent() && oneOf.get().stream().noneMatch(this::allows);
        }

        private boolean allows(Object value) {
            if (not.stream().anyMatch(each -> same(value, each))) {
                return false;
            }
            if (!(value instanceof Number number)) {
                return above == Double.NEGATIVE_INFINITY && below == Double.POSITIVE_INFINITY;
            }
            double at = number.doubleValue();
            return (at > above || at == above && aboveItself) && (at < below || at == below && belowItself);
        }

        private static boolean same(Object one, Object other) {
            return one instanceof Number a && other instanceof Number b
                    ? a.doubleValue() == b.doubleValue()
                    : one.equals(other);
        }
    }

    private final Map<FieldPath, Claim> claims = new LinkedHashMap<>();
    private boolean isFalse;

    private Claims() {}

    /// What the condition asks for.
    ///
    /// @param when one that [When#check] finds nothing wrong with
    public static Claims of(When when) {
        var found = new Claims();
        found.take(Expressions.compile(when.text(), Expressions.Use.CONDITION).getExpr());
        return found;
    }

    /// Why no event fulfils it, in words; empty when some may.
    public Optional<String> impossible() {
        if (isFalse) {
            return Optional.of("it is always false");
        }
        return claims.entrySet().stream()
                .filter(each -> each.getValue().isImpossible())
                .findFirst()
                .map(each -> "event.%s cannot be all that it asks for at once".formatted(each.getKey()));
    }

    /// The values of which a field must be one; empty when there is no such list.
    public Optional<List<Object>> oneOf(FieldPath field) {
        var claim = claims.get(field);
        return claim == null ? Optional.empty() : claim.oneOf();
    }

    /// Whether a condition holds for every event: `true`.
    public static boolean isAlways(When when) {
        return constant(Expressions.compile(when.text(), Expressions.Use.CONDITION)
                                .getExpr())
                        instanceof Boolean truth
                && truth;
    }

    private void take(CelExpr expression) {
        if (constant(expression) instanceof Boolean truth) {
            isFalse |= !truth;
            return;
        }
        var field = field(expression);
        if (field.isPresent()) {
            claim(field.get(), Optional.of(List.of(true)));
            return;
        }
        if (expression.exprKind().getKind() != CelExpr.ExprKind.Kind.CALL) {
            return;
        }
        var args = expression.call().args();
        switch (expression.call().function()) {
            case "_&&_" -> args.forEach(this::take);
            case "_==_" -> {
                either(args.get(0), args.get(1), "==");
                either(args.get(1), args.get(0), "==");
            }
            case "_!=_" -> {
                either(args.get(0), args.get(1), "!=");
                either(args.get(1), args.get(0), "!=");
            }
            case "_<_" -> {
                either(args.get(0), args.get(1), "<");
                either(args.get(1), args.get(0), ">");
            }
            case "_<=_" -> {
                either(args.get(0), args.get(1), "<=");
                either(args.get(1), args.get(0), ">=");
            }
            case "_>_" -> {
                either(args.get(0), args.get(1), ">");
                either(args.get(1), args.get(0), "<");
            }
            case "_>=_" -> {
                either(args.get(0), args.get(1), ">=");
                either(args.get(1), args.get(0), "<=");
            }
            case "@in" -> in(args.get(0), args.get(1));
            case "!_" -> field(args.get(0)).ifPresent(of -> claim(of, Optional.of(List.of(false))));
            default -> {}
        }
    }

    private void either(CelExpr left, CelExpr right, String relation) {
        var field = field(left);
        var value = constant(right);
        if (field.isEmpty() || value == null) {
            return;
        }
        switch (relation) {
            case "==" -> claim(field.get(), Optional.of(List.of(value)));
            case "!=" ->
                claims.merge(
                        field.get(),
                        new Claim(
                                Optional.empty(),
                                List.of(value),
                                Double.NEGATIVE_INFINITY,
                                true,
                                Double.POSITIVE_INFINITY,
                                true),
                        Claim::and);
            default -> {
                if (value instanceof Number number) {
                    bound(field.get(), number.doubleValue(), relation);
                }
            }
        }
    }

    private void bound(FieldPath field, double at, String relation) {
        boolean itself = relation.endsWith("=");
        boolean isAbove = relation.startsWith(">");
        claims.merge(
                field,
                new Claim(
                        Optional.empty(),
                        List.of(),
                        isAbove ? at : Double.NEGATIVE_INFINITY,
                        !isAbove || itself,
                        isAbove ? Double.POSITIVE_INFINITY : at,
                        isAbove || itself),
                Claim::and);
    }

    private void in(CelExpr one, CelExpr list) {
        var field = field(one);
        if (field.isEmpty() || list.exprKind().getKind() != CelExpr.ExprKind.Kind.LIST) {
            return;
        }
        var values = new ArrayList<Object>();
        for (var element : list.list().elements()) {
            var value = constant(element);
            if (value == null) {
                return;
            }
            values.add(value);
        }
        claim(field.get(), Optional.of(List.copyOf(values)));
    }

    private void claim(FieldPath field, Optional<List<Object>> oneOf) {
        claims.merge(
                field,
                new Claim(oneOf, List.of(), Double.NEGATIVE_INFINITY, true, Double.POSITIVE_INFINITY, true),
                Claim::and);
    }

    /// `event.http.status` and `event["http"].status`; empty for all else.
    public static Optional<FieldPath> field(CelExpr expression) {
        var keys = new ArrayList<String>();
        var at = expression;
        while (true) {
            switch (at.exprKind().getKind()) {
                case SELECT -> {
                    if (at.select().testOnly()) {
                        return Optional.empty();
                    }
                    keys.addFirst(at.select().field());
                    at = at.select().operand();
                }
                case CALL -> {
                    if (!at.call().function().equals("_[_]")
                            || !(constant(at.call().args().get(1)) instanceof String key)
                            || key.isBlank()) {
                        return Optional.empty();
                    }
                    keys.addFirst(key);
                    at = at.call().args().get(0);
                }
                case IDENT -> {
                    return at.ident().name().equals("event") && !keys.isEmpty()
                            ? Optional.of(new FieldPath(keys))
                            : Optional.empty();
                }
                case NOT_SET, CONSTANT, LIST, STRUCT, MAP, COMPREHENSION -> {
                    return Optional.empty();
                }
            }
        }
    }

    /// Text, numbers and truth values; `null` for all else.
    public static @Nullable Object constant(CelExpr expression) {
        if (expression.exprKind().getKind() != CelExpr.ExprKind.Kind.CONSTANT) {
            return null;
        }
        CelConstant constant = expression.constant();
        return switch (constant.getKind()) {
            case STRING_VALUE -> constant.stringValue();
            case INT64_VALUE -> constant.int64Value();
            case DOUBLE_VALUE -> constant.doubleValue();
            case BOOLEAN_VALUE -> constant.booleanValue();
            default -> null;
        };
    }
}
