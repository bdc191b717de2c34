package io.logroute.face;

import io.logroute.remote.LinkKey;
import io.logroute.router.DeadLetterOffice;
import io.logroute.router.Instance;
import io.logroute.telemetry.Instruments;
import java.time.InstantSource;
import java.util.Optional;

/// What management answers from.
///
/// @param key that the controller is known by; nobody is obeyed without
public record Managed(
        Instance instance, DeadLetterOffice letters, Instruments meters, Optional<LinkKey> key, InstantSource clock) {}
