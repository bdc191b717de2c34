package io.logroute.face.convert;

import io.logroute.face.convert.Conf.Arm;
import io.logroute.face.convert.Conf.Branch;
import io.logroute.face.convert.Conf.Condition;
import io.logroute.face.convert.Conf.Entry;
import io.logroute.face.convert.Conf.Operand;
import io.logroute.face.convert.Conf.Option;
import io.logroute.face.convert.Conf.Plugin;
import io.logroute.face.convert.Conf.Statement;
import io.logroute.face.convert.Conf.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Fills in `${NAME}` and `${NAME:default}`, which Logstash takes from its environment and specs do
/// not have.
final class Environment {
    private static final Pattern PLACE = Pattern.compile("\\$\\{([A-Za-z_.][A-Za-z0-9_.]*)(?::([^}]*))?\\}");

    /// What is not carried over in any case, because it is a secret.
    private static final Set<String> SECRET = Set.of(
            "password",
            "api_key",
            "cloud_auth",
            "ssl_key_passphrase",
            "keystore_password",
            "truststore_password",
            "ssl_keystore_password",
            "ssl_truststore_password");

    private final Map<String, String> given;
    private final List<Remark> remarks;

    /// @param given the values that are known
    /// @param remarks gets one for each place where a default or nothing stands
    Environment(Map<String, String> given, List<Remark> remarks) {
        this.given = Map.copyOf(given);
        this.remarks = remarks;
    }

    Conf fill(Conf conf) {
        return new Conf(statements(conf.inputs()), statements(conf.filters()), statements(conf.outputs()));
    }

    private List<Statement> statements(List<Statement> statements) {
        return statements.stream()
                .<Statement>map(each -> switch (each) {
                    case Plugin plugin -> plugin(plugin);
                    case Branch(var at, var arms) ->
                        new Branch(
                                at,
                                arms.stream()
                                        .map(arm -> new Arm(
                                                arm.at(),
                                                arm.condition()
                                                        .map(condition -> condition(
                                                                condition, text -> text(text, arm.at(), "if", ""))),
                                                arm.text(),
                                                statements(arm.body())))
                                        .toList());
                })
                .toList();
    }

    private Plugin plugin(Plugin plugin) {
        var options = new ArrayList<Option>();
        for (var option : plugin.options()) {
            options.add(new Option(
                    option.at(),
                    option.name(),
                    value(option.value(), text -> text(text, option.at(), plugin.name(), option.name()))));
        }
        return new Plugin(plugin.at(), plugin.name(), options);
    }

    private Value value(Value value, UnaryOperator<String> filled) {
        return switch (value) {
            case Value.Text(var text, var quoted) -> new Value.Text(filled.apply(text), quoted);
            case Value.Number number -> number;
            case Value.Items(var items) ->
                new Value.Items(items.stream().map(item -> value(item, filled)).toList());
            case Value.Table(var entries) ->
                new Value.Table(entries.stream()
                        .map(entry -> entry.key().equalsIgnoreCase("Authorization")
                                ? entry
                                : new Entry(entry.at(), filled.apply(entry.key()), value(entry.value(), filled)))
                        .toList());
            case Value.Nested(var plugin) -> new Value.Nested(plugin(plugin));
        };
    }

    private Condition condition(Condition condition, UnaryOperator<String> filled) {
        return switch (condition) {
            case Condition.And(var left, var right) ->
                new Condition.And(condition(left, filled), condition(right, filled));
            case Condition.Or(var left, var right) ->
                new Condition.Or(condition(left, filled), condition(right, filled));
            case Condition.Xor(var left, var right) ->
                new Condition.Xor(condition(left, filled), condition(right, filled));
            case Condition.Nand(var left, var right) ->
                new Condition.Nand(condition(left, filled), condition(right, filled));
            case Condition.Not(var of) -> new Condition.Not(condition(of, filled));
            case Condition.Truth(var of) -> new Condition.Truth(operand(of, filled));
            case Condition.Compare(var left, var sign, var right) ->
                new Condition.Compare(operand(left, filled), sign, operand(right, filled));
            case Condition.In(var left, var right) -> new Condition.In(operand(left, filled), operand(right, filled));
            case Condition.Matches(var left, var regex) -> new Condition.Matches(left, regex);
        };
    }

    private Operand operand(Operand operand, UnaryOperator<String> filled) {
        return switch (operand) {
            case Operand.Text(var text) -> new Operand.Text(filled.apply(text));
            case Operand.Items(var items) ->
                new Operand.Items(
                        items.stream().map(item -> operand(item, filled)).toList());
            case Operand.Field _, Operand.Number _, Operand.Regex _, Operand.Call _ -> operand;
        };
    }

    private String text(String text, Place at, String plugin, String option) {
        if (text.indexOf("${") < 0 || SECRET.contains(option)) {
            return text;
        }
        return PLACE.matcher(text).replaceAll(place -> {
            var name = place.group(1);
            var known = given.get(name);
            if (known != null) {
                return Matcher.quoteReplacement(known);
            }
            var usual = place.group(2);
            remarks.add(new Remark(
                    at,
                    Remark.Kind.CHANGED,
                    plugin,
                    option,
                    usual == null
                            ? "specs take nothing from the environment, and ${%s} has no value here; write it in, or convert with --env %s=VALUE"
                                    .formatted(name, name)
                            : "specs take nothing from the environment: the default of ${%s} stands there; where it is another, convert with --env %s=VALUE"
                                    .formatted(name, name)));
            return Matcher.quoteReplacement(usual == null ? place.group() : usual);
        });
    }
}
