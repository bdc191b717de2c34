package io.logroute.face;

import io.logroute.control.StatusBoard;
import io.logroute.router.DeadLetterOffice;
import io.logroute.telemetry.Instruments;
import java.time.InstantSource;
import java.util.Set;

/// What the resources answer from.
///
/// @param templates names of the index templates that there are
record Served(
        StatusBoard board, DeadLetterOffice letters, Instruments meters, Set<String> templates, InstantSource clock) {}
