/// Specs out of what people have already: pipelines of Logstash.
///
/// [ConfReader] reads the text of `.conf` files into [Conf], or says where they are wrong;
/// [Conversion] says the same in specs, with a [Remark] for whatever is not the same. In between,
/// [Conditions] turns an `if` into CEL, [Filters] each filter into steps (by [Mutate], [Parsers] and
/// [Others]), [Inputs] and [Outputs] the ends, with [Redis], [Receivers] and [HttpOutput] for those
/// that take more words. [Settings] hands out the options of a plugin and knows which nobody asked for.
///
/// The one rule: nothing is silently wrong. What has no exact counterpart is told at its place and
/// among the remarks. Nothing here reads a file, a clock or the environment, and no other room
/// knows Logstash.
@NullMarked
package io.logroute.face.convert;

import org.jspecify.annotations.NullMarked;
