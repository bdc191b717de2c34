package io.logroute.flow;

import java.util.Optional;

/// Why an event comes to a sink: the route that sends it, and what the route says over the sink's
/// own settings.
///
/// @param route name of the route
/// @param copy 0 for the first target at this sink of the routes that take this event, 1 for the
///     second and so on: part of generated document ids, so that two routes' copies do not replace
///     each other
/// @param index the index, when the route names one; already without templates
public record Address(String route, int copy, Optional<String> index) {}
