/// Reads the logs of a node's containers through Docker's API: [DockerSource] finds the containers, a `Tail`
/// reads one's log, a `LogDecoder` finds the pieces in what Docker sends, `Lines` joins them to lines, a
/// `Position` knows which were taken, `Fields` makes events of them.
///
/// The one rule: a line and how far we are with it lie in one record of the buffer
/// (docs/decisions/0029-how-far-we-are-lies-with-the-lines.md). What is not stored is not waited for twice and
/// not read twice: it stays in memory, and Docker waits.
@NullMarked
package io.logroute.parts.docker;

import org.jspecify.annotations.NullMarked;
