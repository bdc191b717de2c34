package io.logroute.parts.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelReference;
import io.logroute.flow.Event;
import io.logroute.spec.Rewriting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The fields of the event in an expression, such as `event.level` and `event.log.level`. Each becomes a variable of
/// its own, so that the CEL runtime asks for those
/// fields alone; of `event` as a whole it would look at every field first.
///
/// Nested ones mean what they mean everywhere else: the field under those keys, or the one whose single
/// name is the keys joined by dots, as ECS loggers write. And `has(event.log.level)` is false where
/// there is no `log`; by itself CEL would fail there.
final class Paths {
    /// What stands before the number of a variable: no expression can write such names.
    private static final String FIELD = "@field";

    private static final String HAS = "@has";

    private final Map<String, String[]> keys = new HashMap<>();
    private final Map<Long, CelReference> references = new HashMap<>();
    private final CelAbstractSyntaxTree tree;

    /// @param checked an expression as it was compiled
    Paths(CelAbstractSyntaxTree checked) {
        references.putAll(checked.getReferenceMap());
        var expression = new Rewriting(this::variable).of(checked.getExpr());
        tree = CelAbstractSyntaxTree.newCheckedAst(expression, checked.getSource(), references, checked.getTypeMap());
    }

    /// The expression with a variable for each field.
    CelAbstractSyntaxTree tree() {
        return tree;
    }

    /// The value of a variable; empty when it is no field of this expression, or the event does not have
    /// it.
    Optional<Object> find(String variable, Event event) {
        var path = keys.get(variable);
        if (path == null) {
            return Optional.empty();
        }
        if (variable.startsWith(HAS)) {
            return Optional.of(event.has(path));
        }
        var value = event.find(path);
        return value == Event.ABSENT ? Optional.empty() : Optional.of(EventMap.seen(value));
    }

    /// The keys, from the outermost inward, when the expression is a field of the event and no `has`.
    static Optional<List<String>> field(CelExpr expression) {
        var path = new ArrayList<String>();
        var at = expression;
        while (at.exprKind().getKind() == CelExpr.ExprKind.Kind.SELECT
                && !at.select().testOnly()) {
            path.addFirst(at.select().field());
            at = at.select().operand();
        }
        return isEvent(at) && !path.isEmpty() ? Optional.of(path) : Optional.empty();
    }

    /// The keys in `has(event.a.b)`.
    static Optional<List<String>> asked(CelExpr.CelSelect has) {
        if (isEvent(has.operand())) {
            return Optional.of(List.of(has.field()));
        }
        return field(has.operand()).map(path -> {
            var all = new ArrayList<>(path);
            all.add(has.field());
            return all;
        });
    }

    static boolean isEvent(CelExpr expression) {
        return expression.exprKind().getKind() == CelExpr.ExprKind.Kind.IDENT
                && expression.ident().name().equals("event");
    }

    /// A variable in place of a field.
    private Optional<CelExpr> variable(CelExpr at) {
        if (at.exprKind().getKind() != CelExpr.ExprKind.Kind.SELECT) {
            return Optional.empty();
        }
        boolean isTest = at.select().testOnly();
        return (isTest ? asked(at.select()) : field(at)).map(path -> {
            var name = (isTest ? HAS : FIELD) + keys.size();
            keys.put(name, path.toArray(String[]::new));
            references.put(at.id(), CelReference.newBuilder().setName(name).build());
            return CelExpr.ofIdent(at.id(), name);
        });
    }
}
