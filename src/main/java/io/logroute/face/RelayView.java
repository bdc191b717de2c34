package io.logroute.face;

import io.logroute.control.StatusBoard.RelayStatus;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Relay", description = "A Redis between two tiers of routers that the controller deploys.")
record RelayView(
        String name,

        @Schema(description = "Whether its Redis runs.") boolean ready,

        @Schema(description = "Whether it is declared; one that is not stays until somebody says to forget it.")
        boolean declared,

        @Schema(description = "Where routers of this swarm find it.", examples = "redis://relay-up:6379")
        String address,

        @Schema(description = "Its Redis, as a service.", examples = "logroute_relay_up")
        String service,

        @Schema(description = "The volume with its files, on its node.", examples = "logroute_relay_up")
        String volume,

        @Schema(description = "The node that it stays on; absent where none is chosen yet.")
        Optional<String> node,

        @Schema(description = "The port on that node for routers above; absent where there is none.")
        Optional<Integer> published,

        @Schema(description = "What keeps it from being ready; absent when it is.")
        Optional<String> trouble,

        List<ConditionView> conditions) {
    static RelayView of(RelayStatus status) {
        var state = status.state();
        var conditions = ConditionView.of(status.conditions());
        return new RelayView(
                state.name(),
                state.ready(),
                state.declared(),
                state.address(),
                state.service(),
                state.volume(),
                state.node(),
                state.published(),
                conditions.stream()
                        .filter(each -> each.type().equals("Ready") && !each.good())
                        .map(ConditionView::message)
                        .findFirst(),
                conditions);
    }

    /// What goes when it is forgotten, and what stays.
    String givesUp() {
        return node.map(each -> "What nobody took yet from its volume %s on node %s would be handed on to nobody."
                        .formatted(volume, each))
                .orElse("It is on no node that is known.");
    }
}
