package io.logroute.parts.cel;

import dev.cel.runtime.CelFunctionBinding;
import io.logroute.spec.Expressions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Objects;
import java.util.function.DoubleBinaryOperator;

/// Arithmetic of a whole number and a decimal, which CEL does not have and events need: whether
/// `took_ms` is written as 12 or as 12.5 is the sender's to say. Both count as decimals.
final class Mixed {
    private Mixed() {}

    /// The bindings of an operator of [Expressions#MIXED], and that of the sum of two texts with those of `+`.
    static Collection<CelFunctionBinding> bindings(String operator) {
        var all = new ArrayList<CelFunctionBinding>();
        all.add(CelFunctionBinding.from(
                Expressions.mixed(operator, true),
                Long.class,
                Double.class,
                (whole, decimal) -> of(operator).applyAsDouble(whole, decimal)));
        all.add(CelFunctionBinding.from(
                Expressions.mixed(operator, false),
                Double.class,
                Long.class,
                (decimal, whole) -> of(operator).applyAsDouble(decimal, whole)));
        if (operator.equals("_+_")) {
            all.add(Texts.sum());
        }
        return CelFunctionBinding.fromOverloads(operator, all);
    }

    /// What an operator does with two decimals.
    static DoubleBinaryOperator of(String operator) {
        return switch (operator) {
            case "_+_" -> (a, b) -> a + b;
            case "_-_" -> (a, b) -> a - b;
            case "_*_" -> (a, b) -> a * b;
            case "_/_" -> (a, b) -> a / b;
            default -> throw new IllegalArgumentException(Objects.toString(operator));
        };
    }
}
