package io.logroute.face.convert;

import io.logroute.face.convert.Cel.Expr;
import io.logroute.face.convert.Conf.Condition;
import io.logroute.face.convert.Conf.Operand;
import io.logroute.spec.FieldPath;
import io.logroute.spec.When;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Says conditions of Logstash in CEL.
///
/// A field that an event does not have makes CEL fail and a `when` false. That is what Logstash
/// does, too, as long as nobody turns the answer round. So there are two forms of each: a short
/// one, which may fail where the answer is no, and a total one, which answers for every event and
/// stands below `!`.
///
/// `tags` is taken to be a list, as Logstash and Beats keep it.
final class Conditions {
    private static final Pattern NUMBER_OR_TRUTH = Pattern.compile("-?[0-9]+(\\.[0-9]+)?|true|false");
    private static final FieldPath TAGS = new FieldPath(List.of("tags"));

    private Conditions() {}

    /// A field and the text that it is.
    record Same(FieldPath field, String text) {}

    /// A condition in CEL.
    ///
    /// @param perhaps holds where the condition does, and is false or fails where it does not
    /// @param total true or false for every event
    /// @param reads the fields it asks for
    /// @param same what a field must be, where that is all of it
    record Asked(Expr perhaps, Expr total, Set<FieldPath> reads, Optional<Same> same) {
        Asked {
            reads = Set.copyOf(reads);
        }

        Asked(Expr perhaps, Expr total, Set<FieldPath> reads) {
            this(perhaps, total, reads, Optional.empty());
        }

        /// Whether no event can fulfil both.
        boolean excludes(Asked other) {
            return total.not().text().equals(other.total.text())
                    || other.total.not().text().equals(total.text())
                    || same.isPresent()
                            && other.same.isPresent()
                            && same.get().field().equals(other.same.get().field())
                            && !same.get().equals(other.same.get());
        }

        /// Whether it asks the same.
        boolean isAlso(Asked other) {
            return total.text().equals(other.total.text());
        }

        Asked not() {
            var turned = total.not();
            return new Asked(turned, turned, reads);
        }

        Asked and(Asked other) {
            return new Asked(perhaps.and(other.perhaps), total.and(other.total), union(other));
        }

        /// No side may fail where the other holds, which CEL sees to.
        Asked or(Asked other) {
            return new Asked(perhaps.or(other.perhaps), total.or(other.total), union(other));
        }

        private Set<FieldPath> union(Asked other) {
            var all = new LinkedHashSet<>(reads);
            all.addAll(other.reads);
            return all;
        }
    }

    /// @throws Untold when it cannot be said
    static Asked cel(Condition condition) throws Untold {
        var asked = said(condition);
        for (var read : asked.reads()) {
            Templates.noPlaces(read);
        }
        for (var form : List.of(asked.perhaps(), asked.total())) {
            var wrong = new When(form.text()).check();
            if (!wrong.isEmpty()) {
                throw new Untold(firstLine(wrong.getFirst()));
            }
        }
        return asked;
    }

    static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    private static Asked said(Condition condition) throws Untold {
        return switch (condition) {
            case Condition.And(var left, var right) -> said(left).and(said(right));
            case Condition.Or(var left, var right) -> said(left).or(said(right));
            case Condition.Nand(var left, var right) ->
                said(left).and(said(right)).not();
            case Condition.Xor(var left, var right) -> {
                var one = said(left);
                var other = said(right);
                var both = Expr.comparison("(%s) != (%s)"
                        .formatted(one.total().text(), other.total().text()));
                yield new Asked(both, both, one.union(other));
            }
            case Condition.Not(var of) -> said(of).not();
            case Condition.Truth(var of) -> truth(of);
            case Condition.Compare(var left, var sign, var right) -> compared(left, sign, right);
            case Condition.In(var left, var right) -> in(left, right);
            case Condition.Matches(var left, var regex) -> matches(left, regex);
        };
    }

    /// It is there, and neither null, empty text nor false.
    private static Asked truth(Operand of) throws Untold {
        if (!(of instanceof Operand.Field(var path))) {
            throw new Untold("a value by itself is no condition; compare it with a field");
        }
        var known = Expr.alone("!(%s in [null, false, \"\", \"false\"])".formatted(Cel.field(path)));
        return asked(path, known);
    }

    private static Asked asked(FieldPath path, Expr perhaps) {
        return new Asked(perhaps, Cel.has(path).and(perhaps), Set.of(path));
    }

    /// @param type what the field must be, lest CEL fails
    private static Asked asked(FieldPath path, String type, Expr perhaps) {
        return new Asked(
                perhaps,
                Cel.has(path)
                        .and(Expr.comparison("type(%s) %s".formatted(Cel.field(path), type)))
                        .and(perhaps),
                Set.of(path));
    }

    private static Asked compared(Operand left, String sign, Operand right) throws Untold {
        if (left instanceof Operand.Field(var path)) {
            if (sign.equals("!=")) {
                return compared(left, "==", right).not();
            }
            return switch (right) {
                case Operand.Field(var other) -> fields(path, sign, other);
                case Operand.Text(var text) -> {
                    var expr = Expr.comparison("%s %s %s".formatted(Cel.field(path), sign, Cel.text(text)));
                    yield sign.equals("==") ? same(asked(path, expr), path, text) : asked(path, "== string", expr);
                }
                case Operand.Number(var number) -> {
                    var expr = Expr.comparison("%s %s %s".formatted(Cel.field(path), sign, number));
                    yield sign.equals("==") ? asked(path, expr) : asked(path, "in [int, uint, double]", expr);
                }
                case Operand.Items _, Operand.Regex _, Operand.Call _ ->
                    throw new Untold("%s takes a field, text or a number".formatted(sign));
            };
        }
        if (right instanceof Operand.Field && (left instanceof Operand.Text || left instanceof Operand.Number)) {
            return compared(right, turned(sign), left);
        }
        if (sign.equals("==") || sign.equals("!=")) {
            return constant(left.equals(right) == sign.equals("=="));
        }
        throw new Untold("%s without a field is no condition on an event".formatted(sign));
    }

    private static Asked same(Asked asked, FieldPath path, String text) {
        return new Asked(asked.perhaps(), asked.total(), asked.reads(), Optional.of(new Same(path, text)));
    }

    private static Asked constant(boolean truth) {
        var expr = Expr.alone(String.valueOf(truth));
        return new Asked(expr, expr, Set.of());
    }

    private static String turned(String sign) {
        return switch (sign) {
            case "<" -> ">";
            case ">" -> "<";
            case "<=" -> ">=";
            case ">=" -> "<=";
            default -> sign;
        };
    }

    private static Asked fields(FieldPath path, String sign, FieldPath other) {
        var one = Cel.field(path);
        var two = Cel.field(other);
        var expr = Expr.comparison("%s %s %s".formatted(one, sign, two));
        var there = Cel.has(path).and(Cel.has(other));
        if (!sign.equals("==")) {
            there = there.and(Expr.alone(
                    "(type(%s) == string && type(%s) == string || type(%s) in [int, uint, double] && type(%s) in [int, uint, double])"
                            .formatted(one, two, one, two)));
        }
        return new Asked(expr, there.and(expr), Set.of(path, other));
    }

    private static Asked in(Operand left, Operand right) throws Untold {
        return switch (right) {
            case Operand.Field(var path) -> inField(left, path);
            case Operand.Items(var items) -> inList(left, items);
            case Operand.Text(var text) -> {
                if (left instanceof Operand.Field(var path)) {
                    yield asked(
                            path,
                            "== string",
                            Expr.alone("%s.contains(%s)".formatted(Cel.text(text), Cel.field(path))));
                }
                yield constant(text.contains(constant(left)));
            }
            case Operand.Number _, Operand.Regex _, Operand.Call _ ->
                throw new Untold("in takes a field, an array or text");
        };
    }

    /// In a list, or a part of a text.
    private static Asked inField(Operand left, FieldPath path) throws Untold {
        var field = Cel.field(path);
        if (left instanceof Operand.Field(var other)) {
            var item = Cel.field(other);
            var expr = Expr.alone(
                    "(type(%s) == list ? %s in %s : %s.contains(%s))".formatted(field, item, field, field, item));
            var total = Cel.has(path)
                    .and(Cel.has(other))
                    .and(Expr.alone(("(type(%s) == list ? %s in %s :"
                                    + " type(%s) == string && type(%s) == string && %s.contains(%s))")
                            .formatted(field, item, field, field, item, field, item)));
            return new Asked(expr, total, Set.of(path, other));
        }
        return switch (left) {
            case Operand.Text(var text)
            when path.equals(TAGS) -> asked(path, Expr.comparison("%s in event.tags".formatted(Cel.text(text))));
            case Operand.Text(var text) -> {
                var value = Cel.text(text);
                var perhaps = Expr.alone(
                        "(type(%s) == list ? %s in %s : %s.contains(%s))".formatted(field, value, field, field, value));
                var sure = Expr.alone("(type(%s) == list ? %s in %s : type(%s) == string && %s.contains(%s))"
                        .formatted(field, value, field, field, field, value));
                yield new Asked(perhaps, Cel.has(path).and(sure), Set.of(path));
            }
            case Operand.Number(var number) ->
                asked(path, "== list", Expr.comparison("%s in %s".formatted(number, field)));
            case Operand.Field _, Operand.Items _, Operand.Regex _, Operand.Call _ ->
                throw new Untold("in takes a field, text or a number on its left");
        };
    }

    /// Logstash compares both as text: the number 200 is in `["200"]`.
    private static Asked inList(Operand left, List<Operand> items) throws Untold {
        var texts = new ArrayList<String>();
        for (var item : items) {
            texts.add(constant(item));
        }
        if (!(left instanceof Operand.Field(var path))) {
            return constant(texts.contains(constant(left)));
        }
        var field = Cel.field(path);
        if (texts.isEmpty()) {
            return constant(false);
        }
        if (texts.stream().noneMatch(text -> NUMBER_OR_TRUTH.matcher(text).matches())) {
            return asked(path, Expr.comparison("%s in %s".formatted(field, Cel.list(texts))));
        }
        return asked(
                path,
                "in [string, int, uint, double, bool]",
                Expr.comparison("string(%s) in %s".formatted(field, Cel.list(texts))));
    }

    private static String constant(Operand operand) throws Untold {
        return switch (operand) {
            case Operand.Text(var text) -> text;
            case Operand.Number(var number) -> number;
            case Operand.Field _, Operand.Items _, Operand.Regex _ ->
                throw new Untold("an array of a condition takes text and numbers");
            case Operand.Call(var name) -> throw new Untold("%s(...) is not known to Logstash either".formatted(name));
        };
    }

    private static Asked matches(Operand left, String regex) throws Untold {
        if (!(left instanceof Operand.Field(var path))) {
            throw new Untold("=~ takes a field on its left");
        }
        return asked(
                path,
                "== string",
                Expr.alone("%s.matches(%s)".formatted(Cel.field(path), Cel.text(Regexes.re2(regex)))));
    }
}
