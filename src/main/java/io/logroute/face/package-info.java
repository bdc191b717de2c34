/// What people meet: commands ([Commands]) and, while `run` runs, REST, health and metrics over
/// HTTP ([Face]); while `router` runs, health, metrics and what the controller asks for
/// ([Management]).
///
/// Commands are picocli on a plain main; only [Face#serve] starts Quarkus, so that `validate` and
/// `--version` stay quick. Resources turn what the status board tells into records of their own:
/// the shape of the API, which stays the same while the rooms behind it change.
///
/// The one rule: it shows and asks, it decides nothing; and no other room knows Quarkus, CDI or
/// picocli.
@NullMarked
package io.logroute.face;

import org.jspecify.annotations.NullMarked;
