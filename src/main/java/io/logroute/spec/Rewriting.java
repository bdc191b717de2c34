package io.logroute.spec;

import com.google.common.collect.ImmutableList;
import dev.cel.common.ast.CelExpr;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// An expression with other parts in place of some of its own. Inside of a macro whose own variable is
/// called `event`, as in `l.exists(event, event > 1)`, that one is meant, and all stays as it is.
public final class Rewriting {
    private final Function<CelExpr, Optional<CelExpr>> instead;

    /// @param instead what stands in place of a part, asked from the outside inward; empty where the part
    ///     stays and its own parts are asked for
    public Rewriting(Function<CelExpr, Optional<CelExpr>> instead) {
        this.instead = instead;
    }

    public CelExpr of(CelExpr at) {
        return instead.apply(at).orElseGet(() -> inner(at));
    }

    private CelExpr inner(CelExpr at) {
        return switch (at.exprKind().getKind()) {
            case SELECT ->
                CelExpr.ofSelect(
                        at.id(),
                        of(at.select().operand()),
                        at.select().field(),
                        at.select().testOnly());
            case CALL ->
                CelExpr.ofCall(
                        at.id(),
                        at.call().target().map(this::of),
                        at.call().function(),
                        all(at.call().args()));
            case LIST ->
                CelExpr.ofList(at.id(), all(at.list().elements()), at.list().optionalIndices());
            case MAP ->
                CelExpr.ofMap(
                        at.id(),
                        at.map().entries().stream()
                                .map(entry -> CelExpr.ofMapEntry(
                                        entry.id(), of(entry.key()), of(entry.value()), entry.optionalEntry()))
                                .collect(ImmutableList.toImmutableList()));
            case COMPREHENSION -> macro(at);
            case NOT_SET, CONSTANT, IDENT, STRUCT -> at;
        };
    }

    private ImmutableList<CelExpr> all(List<CelExpr> expressions) {
        return expressions.stream().map(this::of).collect(ImmutableList.toImmutableList());
    }

    private CelExpr macro(CelExpr at) {
        var macro = at.comprehension();
        boolean isHidden =
                List.of(macro.iterVar(), macro.iterVar2(), macro.accuVar()).contains("event");
        UnaryOperator<CelExpr> inside = isHidden ? UnaryOperator.identity() : this::of;
        return CelExpr.ofComprehension(
                at.id(),
                macro.iterVar(),
                macro.iterVar2(),
                of(macro.iterRange()),
                macro.accuVar(),
                of(macro.accuInit()),
                inside.apply(macro.loopCondition()),
                inside.apply(macro.loopStep()),
                inside.apply(macro.result()));
    }
}
