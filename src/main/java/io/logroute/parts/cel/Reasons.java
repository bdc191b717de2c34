package io.logroute.parts.cel;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExprVisitor;
import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.spec.Claims;
import io.logroute.spec.Conjuncts;
import io.logroute.spec.Expressions;
import io.logroute.spec.FieldPath;
import io.logroute.spec.When;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Why a condition is false for an event: which of the parts that `&&` joins are false, and what the
/// event has in the fields that they ask for. Each part is evaluated as [CelCondition] does.
///
/// Nothing is compiled before somebody asks.
public final class Reasons {
    private static final int LONGEST = 80;

    private record Part(String text, CelCondition condition, Set<FieldPath> fields) {}

    /// A part of the condition that is false.
    ///
    /// @param part as it was written
    /// @param found what the event has in the fields that the part asks for
    public record Reason(String part, String found) {
        /// As a sentence without its full stop.
        public String told() {
            return found.isEmpty() ? "%s is false".formatted(part) : "%s is false: %s".formatted(part, found);
        }
    }

    private final When when;
    private final Function<When, CelCondition> compile;
    private volatile List<Part> parts = List.of();

    private Reasons(When when, Function<When, CelCondition> compile) {
        this.when = when;
        this.compile = compile;
    }

    /// Those of the condition of a filter.
    ///
    /// @param when one that [When#check] finds nothing wrong with
    public Reasons(When when, Given given) {
        this(when, part -> new CelCondition(part, given));
    }

    /// Those of the condition of a match.
    ///
    /// @param when one that [When#checkInMatch] finds nothing wrong with
    public static Reasons ofMatch(When when, String route) {
        return new Reasons(when, part -> CelCondition.ofMatch(part, route));
    }

    /// The parts that are false for the event; none when the condition is true.
    public List<Reason> of(Event event) {
        var all = parts();
        var reasons = new ArrayList<Reason>();
        for (var part : all) {
            if (!part.condition().test(event)) {
                reasons.add(new Reason(part.text(), found(part.fields(), event)));
            }
        }
        return reasons;
    }

    /// The same as one line for people.
    public String told(Event event) {
        return of(event).stream().map(Reason::told).collect(Collectors.joining("; "));
    }

    private List<Part> parts() {
        if (parts.isEmpty()) {
            var texts = Conjuncts.of(when.text());
            boolean each =
                    texts.stream().allMatch(text -> new When(text).check().isEmpty());
            parts = (each ? texts : List.of(when.text()))
                    .stream()
                            .map(text -> new Part(text, compile.apply(new When(text)), fields(text)))
                            .toList();
        }
        return parts;
    }

    private static String found(Set<FieldPath> fields, Event event) {
        return fields.stream()
                .map(field -> event.has(field.toArray())
                        ? "event.%s is %s".formatted(field, cut(Json.write(event.get(field.toArray()))))
                        : "the event has no %s".formatted(field))
                .collect(Collectors.joining(", "));
    }

    private static String cut(String json) {
        return json.length() <= LONGEST ? json : json.substring(0, LONGEST) + "…";
    }

    /// The fields that an expression asks for, `has(event.a)` included.
    private static Set<FieldPath> fields(String text) {
        var found = new LinkedHashSet<FieldPath>();
        new CelExprVisitor() {
            @Override
            public void visit(CelExpr expression) {
                var field = Claims.field(expression);
                if (field.isPresent()) {
                    found.add(field.get());
                } else {
                    super.visit(expression);
                }
            }

            @Override
            protected void visit(CelExpr expression, CelExpr.CelSelect select) {
                var tested = Claims.field(select.operand());
                var keys = new ArrayList<String>(tested.map(FieldPath::keys).orElse(List.of()));
                boolean isOfEvent = tested.isPresent()
                        || select.operand().exprKind().getKind() == CelExpr.ExprKind.Kind.IDENT
                                && select.operand().ident().name().equals("event");
                if (select.testOnly() && isOfEvent) {
                    keys.add(select.field());
                    found.add(new FieldPath(keys));
                    return;
                }
                super.visit(expression, select);
            }
        }.visit(Expressions.compile(text, Expressions.Use.CONDITION).getExpr());
        return found;
    }
}
