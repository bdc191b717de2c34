/// The sink that writes to Elasticsearch 8 or 9, or OpenSearch, and the index templates it
/// installs there.
///
/// [ElasticSink] makes bulk bodies of events as they are ([BulkBody]), under an index
/// ([IndexName]) and an id ([DocumentId]), and reads from each item of the answer what became of
/// the event ([Verdict]). [Mappings] holds what `mappings/` ships; [Installation] puts it there
/// before the first write and never over something that is not ours.
///
/// The one rule: an event leaves the sink as `Delivered` only when Elasticsearch itself said that
/// it has it.
@NullMarked
package io.logroute.parts.elastic;

import org.jspecify.annotations.NullMarked;
