package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.util.List;

@Doc("How a fleet runs on a swarm.")
public record DeploySpec(
        @Doc(value = "Instances, each with a volume of its own.", example = "2", or = "1")
        int replicas,

        @Doc(
                value = "Swarm placement constraints for every instance.",
                example = "[\"node.labels.amp.type.core == true\"]",
                or = "[]")
        List<String> constraints,

        @Doc(value = "Overlay networks that every instance joins.", example = "[core, monit]", or = "[]")
        List<String> networks) {
    public DeploySpec {
        constraints = List.copyOf(constraints);
        networks = List.copyOf(networks);
        require(replicas >= 1, "replicas is %d; write 1 or more", replicas);
        for (var constraint : constraints) {
            require(
                    constraint.contains("==") || constraint.contains("!="),
                    "constraints has \"%s\"; write for instance node.labels.zone == a",
                    constraint);
        }
    }
}
