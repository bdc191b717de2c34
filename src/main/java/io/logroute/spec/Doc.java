package io.logroute.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The words and the default of a record or of one of its components: the one place that the
/// reader, the pages and the JSON Schemas take them from.
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.RECORD_COMPONENT, ElementType.FIELD})
public @interface Doc {
    /// What it is, in a sentence or two.
    String value();

    /// What to write, as it would stand in YAML.
    String example() default "";

    /// What holds when nothing is written, as it would stand in YAML; empty when it must be
    /// written, or may be absent.
    String or() default "";

    /// The key in YAML where it is not the component's name (`default` is a word of Java).
    String key() default "";

    /// On a record: the key of the component that is meant when a plain value stands in place of the
    /// mapping: `to: [es]`.
    String plain() default "";

    /// On a component whose type is a sealed family: the key of its member stands beside the record's
    /// other keys, without one of the component's own: `parse: { json: {}, onFailure: drop }`.
    boolean beside() default false;

    /// On a component that came after a release: pipelines say it only where it is not as it would be without,
    /// so that routers of that release read those that do not.
    boolean later() default false;
}
