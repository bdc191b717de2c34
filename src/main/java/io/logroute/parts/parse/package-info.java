/// What reads structure out of text: [Parse] is the filter, and takes care of what all ways share; each
/// [Form] reads one way of writing and nothing else: [JsonForm], [DissectForm], [GrokForm], [LogfmtForm],
/// [KeyValueForm], [RegexForm], [CsvForm], [NginxForm], [ApacheForm].
///
/// The one rule: a form never throws, whatever the text is; it puts what it found into [Found], or says
/// what does not fit. It takes time in proportion to the text, or as [io.logroute.parts.text.BoundedRegex]
/// bounds it.
@NullMarked
package io.logroute.parts.parse;

import org.jspecify.annotations.NullMarked;
