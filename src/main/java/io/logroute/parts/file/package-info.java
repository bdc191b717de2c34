/// Writes events as lines of JSON to files: [FileSink].
///
/// An `OpenFile` is one file being written, with its rotation; `SafePath` turns a template and an
/// event into a path that stays where the template's author meant it.
///
/// The one rule: delivered means synced to disk, and no event can choose a place outside the
/// folder of its template, nor any sink one where the routers keep their buffers.
@NullMarked
package io.logroute.parts.file;

import org.jspecify.annotations.NullMarked;
