package io.logroute.spec;

import java.util.List;
import java.util.function.Function;

/// What reading gave: a value, or all the problems that keep it from being one.
public sealed interface Read<T> {
    record Good<T>(T value) implements Read<T> {}

    record Bad<T>(List<Problem> problems) implements Read<T> {
        public Bad {
            problems = List.copyOf(problems);
            if (problems.isEmpty()) {
                throw new IllegalArgumentException("a bad read has at least one problem");
            }
        }
    }

    /// The problems; none when it is good.
    default List<Problem> problems() {
        return switch (this) {
            case Good<T> _ -> List.of();
            case Bad<T>(var problems) -> problems;
        };
    }

    /// The value, or what `otherwise` makes of the problems.
    default T orElse(Function<List<Problem>, T> otherwise) {
        return switch (this) {
            case Good<T>(var value) -> value;
            case Bad<T>(var problems) -> otherwise.apply(problems);
        };
    }
}
