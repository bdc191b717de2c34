package io.logroute.plan.swarm;

import io.logroute.plan.Order;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// One change of a swarm, safe to repeat.
public sealed interface Step {
    /// What it does, in words: `create config logroute-core-3f9a1c0d2b4e`.
    String describe();

    /// What it is done to: `service/logroute_core-0`.
    String object();

    /// The router that it is for; empty where it is for all, or for none.
    default Optional<String> forRouter() {
        return Optional.ofNullable(
                switch (this) {
                    case CreateSecret _, RemoveConfig _ -> null;
                    case CreateConfig(var config, var _) -> config.labels().get(Label.ROUTER);
                    case LabelConfig label -> label.labels().get(Label.ROUTER);
                    case CreateService(var service, var _) -> service.router();
                    case UpdateService update -> update.to().router();
                    case Push push -> push.router();
                    case Tell tell -> tell.router();
                    case RemoveService remove -> remove.router();
                    case RemoveVolume remove -> remove.router();
                    case RemoveJob remove -> remove.router();
                    case CreateRelay _, UpdateRelay _, RemoveRelay _ -> null;
                });
    }

    /// The relay that it is for; empty where it is for none.
    default Optional<String> forRelay() {
        return Optional.ofNullable(
                switch (this) {
                    case CreateConfig(var config, var _) -> config.labels().get(Label.RELAY);
                    case LabelConfig label -> label.labels().get(Label.RELAY);
                    case CreateRelay(var service, var _) -> service.relay();
                    case UpdateRelay update -> update.to().relay();
                    case RemoveRelay remove -> remove.relay();
                    case CreateSecret _,
                            CreateService _,
                            UpdateService _,
                            Push _,
                            Tell _,
                            RemoveConfig _,
                            RemoveService _,
                            RemoveVolume _,
                            RemoveJob _ -> null;
                });
    }

    /// Whether it undoes what somebody else did to what is ours.
    default boolean isDrift() {
        return switch (this) {
            case CreateConfig create -> create.drift();
            case CreateService create -> create.drift();
            case UpdateService update -> update.drift();
            case CreateRelay create -> create.drift();
            case UpdateRelay update -> update.drift();
            case CreateSecret _,
                    LabelConfig _,
                    Push _,
                    Tell _,
                    RemoveConfig _,
                    RemoveService _,
                    RemoveVolume _,
                    RemoveJob _,
                    RemoveRelay _ -> false;
        };
    }

    /// Whether it only notes down what the next steps need, and is no news to anybody.
    default boolean isNote() {
        return switch (this) {
            case LabelConfig label -> label.changesOnly(Set.of(Label.TRIED, Label.CONTENT, Label.BUFFER));
            case CreateConfig(var config, var _) ->
                Holder.ROLE.equals(config.labels().get(Label.ROLE))
                        || RelayRecord.ROLE.equals(config.labels().get(Label.ROLE));
            case CreateSecret _,
                    CreateService _,
                    UpdateService _,
                    Push _,
                    Tell _,
                    RemoveConfig _,
                    RemoveService _,
                    RemoveVolume _,
                    RemoveJob _,
                    CreateRelay _,
                    UpdateRelay _,
                    RemoveRelay _ -> false;
        };
    }

    /// Whether it takes a revision back.
    default boolean isRefusal() {
        return this instanceof LabelConfig label
                && label.labels().containsKey(Label.REFUSED)
                && !label.from().containsKey(Label.REFUSED);
    }

    /// A word for its kind: `create_config`.
    default String kind() {
        return switch (this) {
            case CreateSecret _ -> "create_secret";
            case CreateConfig _ -> "create_config";
            case LabelConfig _ -> "label_config";
            case CreateService _ -> "create_service";
            case UpdateService _ -> "update_service";
            case Push _ -> "push";
            case RemoveConfig _ -> "remove_config";
            case Tell _ -> "tell";
            case RemoveService _ -> "remove_service";
            case RemoveVolume _ -> "remove_volume";
            case RemoveJob _ -> "remove_job";
            case CreateRelay _ -> "create_relay";
            case UpdateRelay _ -> "update_relay";
            case RemoveRelay _ -> "remove_relay";
        };
    }

    /// The secret that routers know the controller by; whoever makes the step knows its content.
    record CreateSecret(String name) implements Step {
        @Override
        public String describe() {
            return "create secret " + name;
        }

        @Override
        public String object() {
            return "secret/" + name;
        }
    }

    /// @param drift whether it was there, and somebody else removed it
    record CreateConfig(OwnedConfig config, boolean drift) implements Step {
        @Override
        public String describe() {
            return "create config %s%s".formatted(config.name(), drift ? " again" : "");
        }

        @Override
        public String object() {
            return "config/" + config.name();
        }
    }

    /// @param from the labels that it has
    /// @param why what the new labels say, in words
    record LabelConfig(String name, SortedMap<String, String> from, SortedMap<String, String> labels, String why)
            implements Step {
        public LabelConfig {
            from = Collections.unmodifiableSortedMap(new TreeMap<>(from));
            labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        }

        private boolean changesOnly(Set<String> some) {
            var before = new TreeMap<>(from);
            var after = new TreeMap<>(labels);
            before.keySet().removeAll(some);
            after.keySet().removeAll(some);
            return before.equals(after) && !from.equals(labels);
        }

        @Override
        public String describe() {
            return "label config %s: %s".formatted(name, why);
        }

        @Override
        public String object() {
            return "config/" + name;
        }
    }

    /// @param drift whether it was there, and somebody else removed it
    record CreateService(RouterService service, boolean drift) implements Step {
        @Override
        public String describe() {
            return "create service %s%s: revision %s"
                    .formatted(
                            service.name(),
                            drift ? " again" : "",
                            service.pipeline().revision());
        }

        @Override
        public String object() {
            return "service/" + service.name();
        }
    }

    /// @param drift whether it undoes what somebody else changed
    record UpdateService(RouterService from, RouterService to, boolean drift) implements Step {
        @Override
        public String describe() {
            return "%s service %s: %s".formatted(drift ? "restore" : "update", to.name(), from.differences(to));
        }

        @Override
        public String object() {
            return "service/" + to.name();
        }
    }

    /// Hands a pipeline to a running router.
    ///
    /// @param from the revision that it runs
    record Push(String service, String router, int instance, String from, String revision, long generation, String text)
            implements Step {
        @Override
        public String describe() {
            return "hand revision %s to %s, which runs %s".formatted(revision, service, from);
        }

        @Override
        public String object() {
            return "service/" + service;
        }
    }

    record RemoveConfig(String name) implements Step {
        @Override
        public String describe() {
            return "remove config " + name;
        }

        @Override
        public String object() {
            return "config/" + name;
        }
    }

    /// Tells a running router what to do with events.
    record Tell(String service, String router, int instance, Order order) implements Step {
        @Override
        public String describe() {
            return "tell %s to %s"
                    .formatted(
                            service,
                            switch (order) {
                                case SERVE -> "take events in";
                                case DRAIN -> "take nothing in and deliver what it has";
                                case DISCARD -> "give up its buffer, which is empty";
                            });
        }

        @Override
        public String object() {
            return "service/" + service;
        }
    }

    /// Removes the service of an instance; its volume stays.
    ///
    /// @param why in words
    record RemoveService(String name, String router, String why) implements Step {
        @Override
        public String describe() {
            return "remove service %s: %s".formatted(name, why);
        }

        @Override
        public String object() {
            return "service/" + name;
        }
    }

    /// Has a node remove the volume of an instance that is no more, by a job there. The job is called
    /// [#job]; to make it again while it is there changes nothing.
    ///
    /// @param node the id of the node
    /// @param image of LogRoute, which the job runs
    record RemoveVolume(String volume, String router, String node, String hostname, String image) implements Step {
        /// The name of the job's service.
        public String job() {
            return volume + "-remove";
        }

        @Override
        public String describe() {
            return "remove volume %s from node %s".formatted(volume, hostname);
        }

        @Override
        public String object() {
            return "volume/" + volume;
        }
    }

    /// Removes the service of a job that has ended.
    record RemoveJob(String name, String router) implements Step {
        @Override
        public String describe() {
            return "remove job " + name;
        }

        @Override
        public String object() {
            return "service/" + name;
        }
    }

    /// @param drift whether it was there, and somebody else removed it
    record CreateRelay(RelayService service, boolean drift) implements Step {
        @Override
        public String describe() {
            return "create service %s%s: the %s of relay %s"
                    .formatted(
                            service.name(),
                            drift ? " again" : "",
                            service.part().word(),
                            service.relay());
        }

        @Override
        public String object() {
            return "service/" + service.name();
        }
    }

    /// @param drift whether it undoes what somebody else changed
    record UpdateRelay(RelayService from, RelayService to, boolean drift) implements Step {
        @Override
        public String describe() {
            return "%s service %s: %s".formatted(drift ? "restore" : "update", to.name(), from.differences(to));
        }

        @Override
        public String object() {
            return "service/" + to.name();
        }
    }

    /// Removes a service of a relay; its volume stays.
    ///
    /// @param why in words
    record RemoveRelay(String name, String relay, String why) implements Step {
        @Override
        public String describe() {
            return "remove service %s: %s".formatted(name, why);
        }

        @Override
        public String object() {
            return "service/" + name;
        }
    }
}
