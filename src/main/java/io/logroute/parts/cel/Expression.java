package io.logroute.parts.cel;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.logroute.flow.Event;
import io.logroute.spec.Expressions;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An expression in CEL, ready to be asked: by [Quick] where that is sure of the answer, else by the
/// CEL runtime. Safe for all threads.
final class Expression {
    private static final class Lazy {
        static final CelRuntime RUNTIME = runtime();

        private static CelRuntime runtime() {
            var builder = CelRuntimeFactory.plannerRuntimeBuilder().setOptions(Expressions.options());
            for (var operator : Expressions.MIXED) {
                builder.addFunctionBindings(Mixed.bindings(operator));
            }
            Texts.bindTo(builder);
            return builder.build();
        }
    }

    private final Given given;
    private final Paths paths;
    private final CelRuntime.Program program;
    private final Quick.Term quick;

    /// @throws IllegalArgumentException when the expression has problems
    Expression(String text, Expressions.Use use, Given given) {
        this.given = given;
        try {
            var checked = Expressions.compile(text, use);
            paths = new Paths(checked);
            program = Lazy.RUNTIME.createProgram(paths.tree());
            quick = Quick.of(checked.getExpr(), given.route());
        } catch (CelEvaluationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /// What [Quick] knows.
    Object quick(Event event) {
        return quick.of(event);
    }

    /// The answer of the CEL runtime.
    ///
    /// @throws CelEvaluationException when the evaluation fails
    Object evaluated(Event event) throws CelEvaluationException {
        // One time for the whole expression.
        var now = new Supplier<Instant>() {
            private @Nullable Instant told;

            @Override
            public Instant get() {
                if (told == null) {
                    told = given.clock().instant();
                }
                return told;
            }
        };
        Texts.begin();
        return program.eval(name -> switch (name) {
            case "event" -> Optional.of(new EventMap(event));
            case "route" -> Optional.of(given.route());
            case "now" -> Optional.of(now.get());
            default -> paths.find(name, event);
        });
    }
}
