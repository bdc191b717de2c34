/// Takes out of text what nobody should read there: [Redact] goes through fields, [Redaction]
/// through a text, and a [Finder] for each known pattern says where it stands.
///
/// The one rule: what a finder found is not in what leaves, wholly or in part; and what was redacted
/// before is left as it is, so doing it twice changes nothing more. Finders are written by hand and
/// take time in proportion to the text, whatever is in it.
@NullMarked
package io.logroute.parts.redact;

import org.jspecify.annotations.NullMarked;
