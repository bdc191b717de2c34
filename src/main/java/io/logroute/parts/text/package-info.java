/// What works on the text and fields of an event: [Template] fills a field template,
/// [BoundedRegex] matches a regular expression, and the filters [SetFields], [RenameFields],
/// [RemoveFields], [KeepFields], [ConvertFields], [ReadTimestamp], [OneLevel] and [FlattenObjects]
/// change events, [SplitEvent] makes several of one, and [Drop] drops them; [OnlyWhen] keeps a filter
/// to some events.
///
/// The one rule: an event is never lost here but by [Drop], and no event makes a filter fail.
/// What does not fit passes on as it was, with a tag where somebody should know.
@NullMarked
package io.logroute.parts.text;

import org.jspecify.annotations.NullMarked;
