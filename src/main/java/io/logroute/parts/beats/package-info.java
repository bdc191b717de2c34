/// Beats: events from Filebeat and all others that speak Lumberjack, versions 1 and 2.
///
/// [LumberjackDecoder] makes windows of events out of bytes, without IO, clock or thread.
/// [BeatsSource] listens; a [Connection] reads with one virtual thread and acknowledges with
/// another. [BeatsSink] is the other end: windows out over a [LumberjackLine] a host.
///
/// The one rule: a window is acknowledged after its events are stored, in the order in which
/// windows came, and never with more than it has.
@NullMarked
package io.logroute.parts.beats;

import org.jspecify.annotations.NullMarked;
