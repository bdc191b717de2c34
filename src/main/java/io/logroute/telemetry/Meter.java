package io.logroute.telemetry;

import java.util.List;

/// Every metric that LogRoute shows: its name, what it says, and its labels. The name is what
/// Prometheus sees.
public enum Meter {
    RECEIVED_EVENTS(
            Kind.COUNTER,
            "logroute_received_events_total",
            "Events taken into the buffer, durable.",
            "router",
            "source"),
    RECEIVED_BYTES(Kind.COUNTER, "logroute_received_bytes_total", "Bytes of JSON in those events.", "router", "source"),
    REFUSED_EVENTS(
            Kind.COUNTER,
            "logroute_refused_events_total",
            "Events, or requests and frames nothing could be read from, that a source turned away; their client was told.",
            "router",
            "source",
            "reason"),
    UNREADABLE_EVENTS(
            Kind.COUNTER,
            "logroute_unreadable_events_total",
            "Events that were not what the source takes, such as no JSON object; kept under `message`, and tagged.",
            "router",
            "source"),
    SOURCE_UP(
            Kind.GAUGE,
            "logroute_source_up",
            "1 while the source reaches what it takes events from, 0 while it tries to. Of sources that fetch their events.",
            "router",
            "source"),
    REDIS_WAITING_ENTRIES(
            Kind.GAUGE,
            "logroute_redis_waiting_entries",
            "Entries of the source's streams, or elements of its lists, that wait in Redis to be taken or are not on our disk"
                    + " yet, as last asked; -1 while Redis does not say.",
            "router",
            "source"),
    RELAY_LAG_SECONDS(
            Kind.GAUGE,
            "logroute_relay_lag_seconds",
            "How long the oldest entry lies in the relay's Redis that is not on our disk, as last asked; 0 when there is none,"
                    + " -1 while Redis does not say.",
            "router",
            "source"),
    REDIS_TAKEN_OVER_ENTRIES(
            Kind.COUNTER,
            "logroute_redis_taken_over_entries_total",
            "Entries, or elements, that an instance had begun with that was then not heard of for `claimAfter`.",
            "router",
            "source"),
    REDIS_SUSPECT_ENTRIES(
            Kind.COUNTER,
            "logroute_redis_suspect_entries_total",
            "Entries, or elements, that something is the matter with: `redelivered`, handed out more than five times and never"
                    + " settled, now taken in alone; `refused`, not taken by the buffer while others were, and left in Redis;"
                    + " `deleted`, gone from the stream before they could be taken.",
            "router",
            "source",
            "reason"),
    CONNECTIONS(Kind.GAUGE, "logroute_connections", "Open connections.", "router", "source"),
    CLOSED_CONNECTIONS(
            Kind.COUNTER,
            "logroute_closed_connections_total",
            "Connections that the source closed, by reason.",
            "router",
            "source",
            "reason"),
    LOST_DATAGRAMS(
            Kind.COUNTER,
            "logroute_lost_datagrams_total",
            "Datagrams that came to a UDP port and became no event: `kernel`, dropped by the system as we did not read fast"
                    + " enough; `incomplete`, a message in chunks whose other chunks did not come; `no_room`; `stopped`.",
            "router",
            "source",
            "reason"),
    ACK_KEEPALIVES(
            Kind.COUNTER,
            "logroute_ack_keepalives_total",
            "Acknowledgements of nothing, sent so that a waiting client keeps its connection.",
            "router",
            "source"),
    BACKPRESSURE_SECONDS(
            Kind.COUNTER,
            "logroute_backpressure_seconds_total",
            "Time in which something of the source waited for room in the buffer; counted while it lasts.",
            "router",
            "source"),
    DOCKER_CONTAINERS(Kind.GAUGE, "logroute_docker_containers", "Containers whose logs are read.", "router"),
    DOCKER_UNREADABLE(
            Kind.GAUGE,
            "logroute_docker_unreadable_containers",
            "Containers whose logs cannot be read: their logging driver lets nobody, or they break off at the same place each time.",
            "router"),
    DOCKER_READS(
            Kind.COUNTER,
            "logroute_docker_reads_total",
            "Logs that were opened, for the first time since the start or again.",
            "router",
            "reason"),
    DOCKER_CUT_LINES(
            Kind.COUNTER,
            "logroute_docker_cut_lines_total",
            "Events that hold a part of a line and not its end, since the line was longer than may be.",
            "router"),

    NATS_PENDING_MESSAGES(
            Kind.GAUGE,
            "logroute_nats_pending_messages",
            "Messages of the stream that its consumer had not delivered yet when the last one came.",
            "router",
            "source"),
    NATS_UNACKNOWLEDGED_MESSAGES(
            Kind.GAUGE,
            "logroute_nats_unacknowledged_messages",
            "Messages of the stream that this instance holds and has not acknowledged yet.",
            "router",
            "source"),
    NATS_REDELIVERED_MESSAGES(
            Kind.COUNTER,
            "logroute_nats_redelivered_messages_total",
            "Messages of the stream that had been delivered before, to this instance or another.",
            "router",
            "source"),
    NATS_DROPPED_MESSAGES(
            Kind.COUNTER,
            "logroute_nats_dropped_messages_total",
            "Messages of core NATS that came faster than they were stored, or were not stored when the router stopped: lost.",
            "router",
            "source"),
    NATS_LOST_CONNECTIONS(
            Kind.COUNTER,
            "logroute_nats_lost_connections_total",
            "Connections to a NATS server that ended other than by us.",
            "router",
            "source"),

    DRAINING(
            Kind.GAUGE,
            "logroute_draining",
            "1 while the router takes nothing in and delivers what it has, as it was told to; else 0.",
            "router"),
    UNACKNOWLEDGED_EVENTS(
            Kind.GAUGE,
            "logroute_unacknowledged_events",
            "Events that are stored and whose clients wait until every sink has settled them (`acknowledge: delivered`).",
            "router"),

    BUFFER_BYTES(Kind.GAUGE, "logroute_buffer_bytes", "Bytes that the buffer's files occupy.", "router"),
    BUFFER_CAPACITY_BYTES(
            Kind.GAUGE,
            "logroute_buffer_capacity_bytes",
            "Bytes that the buffer may occupy (`buffer.maxBytes`).",
            "router"),
    BUFFER_FREE_DISK_BYTES(
            Kind.GAUGE, "logroute_buffer_free_disk_bytes", "Free bytes on the disk of the buffer.", "router"),
    BUFFER_EVENTS(
            Kind.GAUGE,
            "logroute_buffer_events",
            "Events in the buffer that the sink has not settled yet.",
            "router",
            "sink"),
    BUFFER_LAG_BYTES(
            Kind.GAUGE,
            "logroute_buffer_lag_bytes",
            "Bytes in the buffer from the sink's place on (`maxLag`); part of a segment is reckoned by its events.",
            "router",
            "sink"),
    BUFFER_OLDEST_SECONDS(
            Kind.GAUGE,
            "logroute_buffer_oldest_event_age_seconds",
            "How long ago the oldest event that the sink has not settled was received; 0 when there is none.",
            "router",
            "sink"),
    WAITING_CHANGES(
            Kind.GAUGE,
            "logroute_sink_waiting_changes",
            "Changes of routes that the sink comes to once it has settled what was accepted before them.",
            "router",
            "sink"),
    BUFFER_RECOVERED_EVENTS(
            Kind.GAUGE,
            "logroute_buffer_recovered_events",
            "Events that lay in the buffer for the sink when the router started; for a sink declared later, less those"
                    + " received before the oldest one it gets.",
            "router",
            "sink"),
    BUFFER_SYNC_SECONDS(
            Kind.TIMER,
            "logroute_buffer_fsync_duration_seconds",
            "Time of one sync of the buffer to disk; one sync serves all who wait.",
            "router"),
    BUFFER_CORRUPT_RECORDS(
            Kind.GAUGE,
            "logroute_buffer_corrupt_records",
            "Damaged places found in the buffer since the router started, and set aside.",
            "router"),
    BUFFER_LOST_EVENTS(
            Kind.GAUGE,
            "logroute_buffer_lost_events",
            "Events found lost to damage of the disk since the router started: stored once, unreadable now.",
            "router"),

    DELIVERED_EVENTS(
            Kind.COUNTER, "logroute_delivered_events_total", "Events that the sink has for good.", "router", "sink"),
    DELIVERED_BYTES(
            Kind.COUNTER,
            "logroute_delivered_bytes_total",
            "Bytes of JSON in the events that the sink has.",
            "router",
            "sink"),
    FILTERED_EVENTS(
            Kind.COUNTER,
            "logroute_filtered_events_total",
            "Events that a route's filters dropped on the way to the sink.",
            "router",
            "sink"),
    PASSED_EVENTS(
            Kind.COUNTER,
            "logroute_passed_events_total",
            "Events in the buffer that no route sends to the sink.",
            "router",
            "sink"),
    COPIED_EVENTS(
            Kind.COUNTER,
            "logroute_copied_events_total",
            "Events over and above the first that routes and filters made of one event for the sink.",
            "router",
            "sink"),
    DEAD_LETTERED_EVENTS(
            Kind.COUNTER,
            "logroute_dead_lettered_events_total",
            "Events that the sink refused for good, kept among its dead letters.",
            "router",
            "sink"),
    DEAD_LETTERS(Kind.GAUGE, "logroute_dead_letters", "Dead letters of the sink that are there now.", "router", "sink"),
    DEAD_LETTERS_BYTES(
            Kind.GAUGE,
            "logroute_dead_letters_bytes",
            "Bytes that the files of the sink's dead letters occupy.",
            "router",
            "sink"),
    DEAD_LETTERS_OLDEST_SECONDS(
            Kind.GAUGE,
            "logroute_dead_letters_oldest_seconds",
            "Time since the oldest of the sink's dead letters was refused; 0 when there is none.",
            "router",
            "sink"),
    DEAD_LETTERS_GONE(
            Kind.COUNTER,
            "logroute_dead_letters_gone_total",
            "Dead letters that are there no more, by reason: discarded, the oldest first, as there were more than are"
                    + " kept (`max_bytes`) or they were older (`max_age`); `purged`; `replayed`.",
            "router",
            "sink",
            "reason"),
    DISCARDED_EVENTS(
            Kind.COUNTER,
            "logroute_discarded_events_total",
            "Events that were lost to the sink without its refusal, by reason: `max_lag` and `buffer_full` where"
                    + " `whenFull: dropOldest` asks for it, `sink_removed`. Else it must be 0.",
            "router",
            "sink",
            "reason"),
    ROUTED_EVENTS(
            Kind.COUNTER,
            "logroute_routed_events_total",
            "Events that the route took, recovered ones included. Several routes may take the same event, which is"
                    + " counted for each of them.",
            "router",
            "route"),
    ROUTE_FILTERED_EVENTS(
            Kind.COUNTER,
            "logroute_route_filtered_events_total",
            "Events that a filter of the route let go no further, by kind of filter: dropped, joined to another one by"
                    + " `multiline`, or sent to the dead letters. Counted at the first sink that the route names.",
            "router",
            "route",
            "filter"),
    UNROUTED_EVENTS(
            Kind.COUNTER, "logroute_unrouted_events_total", "Events that no route of the router took.", "router"),
    RETRIES(
            Kind.COUNTER,
            "logroute_retries_total",
            "Events that a sink was given again, by cause: `not_now`, `not_allowed`, `unreachable`, `failed`, `too_large`.",
            "router",
            "sink",
            "cause"),
    SINK_UP(
            Kind.GAUGE,
            "logroute_sink_up",
            "1 when the last write to the sink was answered, 0 when it failed.",
            "router",
            "sink"),
    SINK_UNAUTHORIZED(
            Kind.GAUGE,
            "logroute_sink_unauthorized",
            "1 while the destination of the sink does not know us or gives us no right, so that somebody has to mend a"
                    + " secret or a right; else 0.",
            "router",
            "sink"),
    SINK_CONNECTIONS(Kind.GAUGE, "logroute_sink_connections", "Open connections of a beats sink.", "router", "sink"),
    SINK_LOST_CONNECTIONS(
            Kind.COUNTER,
            "logroute_sink_lost_connections_total",
            "Connections of a beats sink that ended while windows waited for their acknowledgement.",
            "router",
            "sink"),
    SINK_ANSWERS(
            Kind.COUNTER,
            "logroute_sink_answers_total",
            "Answers to requests of an http sink, by status.",
            "router",
            "sink",
            "code"),
    SINK_IN_FLIGHT(
            Kind.GAUGE, "logroute_sink_inflight_batches", "Batches that wait for the sink's answer.", "router", "sink"),
    SINK_WRITE_SECONDS(
            Kind.TIMER,
            "logroute_sink_write_duration_seconds",
            "Time that one write of a batch took.",
            "router",
            "sink"),
    DELIVERY_SECONDS(
            Kind.TIMER,
            "logroute_delivery_latency_seconds",
            "Time from the receipt of an event until the sink had it, measured on the last event of each batch.",
            "router",
            "sink"),
    REDIS_LENGTH(
            Kind.GAUGE,
            "logroute_redis_sink_length_entries",
            "Entries of the stream, or elements of the list, that the sink writes to; of several, the longest. As it last"
                    + " looked, plus what it wrote since.",
            "router",
            "sink"),
    REDIS_WAITING_EVENTS(
            Kind.GAUGE,
            "logroute_redis_sink_waiting_events",
            "Events that wait in the stream to be taken, of a sink with `maxEvents` and of a relay with `maxLength`; of several"
                    + " streams, the most. As it last looked, plus what it wrote since.",
            "router",
            "sink"),
    REDIS_TRIMMED_ENTRIES(
            Kind.COUNTER,
            "logroute_redis_trimmed_entries_total",
            "Entries that the sink trimmed from its streams: every consumer group had acknowledged them.",
            "router",
            "sink"),
    BATCH_EVENTS(Kind.SUMMARY, "logroute_batch_size_events", "Events in one write to the sink.", "router", "sink"),

    CONFIG_INFO(
            Kind.GAUGE,
            "logroute_config_revision",
            "Always 1; the label tells the revision that runs.",
            "router",
            "revision"),
    RELOADS(
            Kind.COUNTER,
            "logroute_reload_total",
            "Changes of what people declared, by outcome: applied, unchanged, refused.",
            "result"),
    RELOAD_SECONDS(
            Kind.TIMER,
            "logroute_reload_duration_seconds",
            "Time that it took to make the routers equal to what was declared, by outcome.",
            "result"),
    ROUTE_CONDITION(
            Kind.GAUGE,
            "logroute_route_condition",
            "1 when the condition of the route is true, 0 when it is false, -1 when it is not known.",
            "route",
            "condition"),
    RELAY_CONDITION(
            Kind.GAUGE,
            "logroute_relay_condition",
            "1 when the condition of the relay is true, 0 when it is false, -1 when it is not known. Of relays that are deployed"
                    + " here.",
            "relay",
            "condition"),
    ROUTER_CONDITION(
            Kind.GAUGE,
            "logroute_router_condition",
            "1 when the condition of the router is true, 0 when it is false, -1 when it is not known.",
            "router",
            "condition"),
    INSTANCES(
            Kind.GAUGE,
            "logroute_instances",
            "Instances of the router, by state: `ready`; `behind`, which run another revision than they should;"
                    + " `troubled`, which can take no events in; `unreached`.",
            "router",
            "state"),
    FLEET_INSTANCES(
            Kind.GAUGE,
            "logroute_fleet_instances",
            "Instances of the router, by how far they are on their way out: `serving`; `draining`, which take nothing in and"
                    + " deliver what they have; `drained`; `removing`, whose volume is being removed; `kept`, of which an"
                    + " empty volume is left.",
            "router",
            "stage"),
    FLEET_WANTED_INSTANCES(
            Kind.GAUGE,
            "logroute_fleet_wanted_instances",
            "Instances that the router should have: as many as are declared, or as the load needs (`autoscale`).",
            "router"),
    VOLUME_EVENTS(
            Kind.GAUGE,
            "logroute_volume_events",
            "Events on the volume of an instance, or in its stream, that a sink has not settled; what was last heard where"
                    + " it is not reached.",
            "router",
            "volume",
            "node"),
    VOLUME_BYTES(
            Kind.GAUGE,
            "logroute_volume_bytes",
            "Bytes that the buffer on the volume occupies; what was last heard where it is not reached.",
            "router",
            "volume",
            "node"),
    VOLUME_OLDEST_SECONDS(
            Kind.GAUGE,
            "logroute_volume_oldest_seconds",
            "How long ago the oldest event on the volume was received that a sink has not settled; 0 when there is none.",
            "router",
            "volume",
            "node"),
    VOLUME_STAGE(
            Kind.GAUGE,
            "logroute_volume_stage",
            "Always 1; the label tells how far the volume's instance is on its way out.",
            "router",
            "volume",
            "stage"),
    PASSES(
            Kind.COUNTER,
            "logroute_passes_total",
            "Passes of the controller, by outcome: `settled`, nothing was left to do; `changed`; `unsettled`, something"
                    + " could not be done; `failed`, it broke off.",
            "result"),
    PASS_SECONDS(
            Kind.TIMER,
            "logroute_pass_duration_seconds",
            "Time that one pass of the controller took, by outcome.",
            "result"),
    SETTLED_PASS_AGE(
            Kind.GAUGE,
            "logroute_settled_pass_age_seconds",
            "Time since the controller last found nothing left to do, or else since it started."),
    STEPS(Kind.COUNTER, "logroute_steps_total", "Changes that the controller made, by kind.", "kind"),
    DRIFT(
            Kind.COUNTER,
            "logroute_drift_total",
            "What is the controller's and was found changed by somebody else, and put right; by kind.",
            "kind"),
    ROLLBACKS(
            Kind.COUNTER,
            "logroute_rollbacks_total",
            "Revisions that did not become healthy and were taken back.",
            "router"),
    DOCKER_REQUESTS(
            Kind.COUNTER,
            "logroute_docker_requests_total",
            "Requests to Docker, by what was asked and the status of the answer; `none` when none came.",
            "op",
            "code"),
    EVENT_STREAM_UP(
            Kind.GAUGE,
            "logroute_event_stream_up",
            "1 while Docker tells what happens, 0 while the controller only looks every half minute.");

    /// How a metric behaves.
    public enum Kind {
        /// Only grows, from 0 at the start of the process.
        COUNTER,
        /// Goes up and down.
        GAUGE,
        /// A histogram of seconds.
        TIMER,
        /// Count, sum and maximum of sizes.
        SUMMARY
    }

    private final Kind kind;
    private final String metric;
    private final String help;
    private final List<String> labels;

    Meter(Kind kind, String metric, String help, String... labels) {
        this.kind = kind;
        this.metric = metric;
        this.help = help;
        this.labels = List.of(labels);
    }

    public Kind kind() {
        return kind;
    }

    public String metric() {
        return metric;
    }

    public String help() {
        return help;
    }

    public List<String> labels() {
        return labels;
    }
}
