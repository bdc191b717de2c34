package io.logroute.face.convert;

import io.logroute.spec.FieldPath;
import java.util.List;
import java.util.Optional;

/// A pipeline as it is written for Logstash.
public record Conf(List<Statement> inputs, List<Statement> filters, List<Statement> outputs) {
    public Conf {
        inputs = List.copyOf(inputs);
        filters = List.copyOf(filters);
        outputs = List.copyOf(outputs);
    }

    /// What stands in a section.
    public sealed interface Statement {
        Place at();
    }

    /// `grok { match => { ... } }`
    public record Plugin(Place at, String name, List<Option> options) implements Statement {
        public Plugin {
            options = List.copyOf(options);
        }
    }

    /// `if ... { } else if ... { } else { }`
    public record Branch(Place at, List<Arm> arms) implements Statement {
        public Branch {
            arms = List.copyOf(arms);
        }
    }

    /// One way of a branch.
    ///
    /// @param condition empty for `else`
    /// @param text the condition as it is written
    public record Arm(Place at, Optional<Condition> condition, String text, List<Statement> body) {
        public Arm {
            body = List.copyOf(body);
        }
    }

    /// `name => value`
    public record Option(Place at, String name, Value value) {}

    /// What an option may be.
    public sealed interface Value {
        /// @param quoted whether it stood in quotes
        record Text(String text, boolean quoted) implements Value {}

        record Number(String text) implements Value {}

        record Items(List<Value> items) implements Value {
            public Items {
                items = List.copyOf(items);
            }
        }

        record Table(List<Entry> entries) implements Value {
            public Table {
                entries = List.copyOf(entries);
            }
        }

        record Nested(Plugin plugin) implements Value {}
    }

    /// One line of a hash.
    public record Entry(Place at, String key, Value value) {}

    /// What stands after `if`.
    public sealed interface Condition {
        record And(Condition left, Condition right) implements Condition {}

        record Or(Condition left, Condition right) implements Condition {}

        record Xor(Condition left, Condition right) implements Condition {}

        record Nand(Condition left, Condition right) implements Condition {}

        record Not(Condition of) implements Condition {}

        /// A value by itself: `[field]`.
        record Truth(Operand of) implements Condition {}

        /// @param sign `==`, `!=`, `<`, `<=`, `>` or `>=`
        record Compare(Operand left, String sign, Operand right) implements Condition {}

        record In(Operand left, Operand right) implements Condition {}

        record Matches(Operand left, String regex) implements Condition {}
    }

    /// What is compared.
    public sealed interface Operand {
        record Field(FieldPath path) implements Operand {}

        record Text(String text) implements Operand {}

        record Number(String text) implements Operand {}

        record Items(List<Operand> items) implements Operand {
            public Items {
                items = List.copyOf(items);
            }
        }

        record Regex(String text) implements Operand {}

        record Call(String name) implements Operand {}
    }
}
