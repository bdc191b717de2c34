package io.logroute.face;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Pipeline", description = "What a router runs, whole.")
record PipelineView(
        String router,

        @Schema(description = "The hash of the text.", examples = "3f9a1c0d2b4e")
        String revision,

        @Schema(description = "Whether a router runs it; else it is what it should run.")
        boolean running,

        @Schema(description = "The router, its routes and its sinks, as YAML, every default spelled out.")
        String text) {}
