/// Makes up logs to try things with: [DemoSource], and the `Shop` whose logs they are.
///
/// The one rule: time and chance come from outside, so that the same seed tells the same story.
@NullMarked
package io.logroute.parts.demo;

import org.jspecify.annotations.NullMarked;
