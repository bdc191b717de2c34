package io.logroute.parts.parse;

import io.logroute.parts.text.BoundedRegex;
import io.logroute.spec.FieldPath;
import io.logroute.spec.GrokExpression;
import io.logroute.spec.GrokExpression.Capture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Grok patterns, tried in turn: the first that matches counts. Groups that took nothing, or no part, are
/// no fields.
final class GrokForm implements Form {
    /// A field, and the groups that fill it.
    private record Target(String[] field, Capture[] groups) {}

    private record Expression(BoundedRegex regex, List<Target> targets) {}

    private final List<Expression> expressions;

    GrokForm(List<GrokExpression> expressions) {
        this.expressions = expressions.stream()
                .map(each ->
                        new Expression(new BoundedRegex(each.regex(), GrokExpression.FLAGS), targets(each.captures())))
                .toList();
    }

    private static List<Target> targets(List<Capture> captures) {
        var groups = new LinkedHashMap<FieldPath, List<Capture>>();
        captures.forEach(each ->
                groups.computeIfAbsent(each.field(), _ -> new ArrayList<>()).add(each));
        return groups.entrySet().stream()
                .map(each -> new Target(each.getKey().toArray(), each.getValue().toArray(Capture[]::new)))
                .toList();
    }

    @Override
    public String name() {
        return "grok";
    }

    @Override
    public String tag() {
        return "_grokparsefailure";
    }

    @Override
    public void read(String text, Found found) {
        boolean gaveUp = false;
        for (var expression : expressions) {
            if (expression.regex.find(text)) {
                for (var target : expression.targets) {
                    put(expression.regex, target, found);
                }
                return;
            }
            gaveUp |= expression.regex.gaveUp();
        }
        found.misfit(
                gaveUp
                        ? "it takes too long to match"
                        : expressions.size() == 1
                                ? "the pattern does not match"
                                : "none of the " + expressions.size() + " patterns matches");
    }

    private static void put(BoundedRegex regex, Target target, Found found) {
        Object value = null;
        for (var capture : target.groups) {
            var text = regex.group(capture.group());
            if (text == null || text.isEmpty()) {
                continue;
            }
            value = and(value, typed(text, capture.kind(), found));
        }
        if (value != null) {
            found.put(target.field, value);
        }
    }

    /// One value, or a list of them.
    @SuppressWarnings("unchecked") // lists are made here only
    private static Object and(@Nullable Object before, Object value) {
        if (before == null) {
            return value;
        }
        if (before instanceof List<?> list) {
            ((List<Object>) list).add(value);
            return list;
        }
        var list = new ArrayList<Object>();
        list.add(before);
        list.add(value);
        return list;
    }

    private static Object typed(String text, GrokExpression.Kind kind, Found found) {
        Object typed = switch (kind) {
            case TEXT -> text;
            case INT -> Typed.whole(text);
            case FLOAT -> Typed.decimal(text);
        };
        if (typed == null) {
            found.unconverted();
            return text;
        }
        return typed;
    }
}
