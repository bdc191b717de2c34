package io.logroute.plan.swarm;

/// The labels on what we own. Nothing without [#MANAGED_BY] is ever changed, and nothing of a user's carries one of
/// these.
public final class Label {
    /// On a user's config: it holds spec documents.
    public static final String SPEC = "logroute.spec";
    /// On a user's config that LogRoute stored: the name that it was stored under.
    public static final String SPEC_NAME = "logroute.spec-name";
    /// On all that is ours: the prefix of the installation.
    public static final String MANAGED_BY = "logroute.managed-by";
    /// `router`, `relay` or `relay-exporter` on a service, `pipeline`, `volume` (the record of an instance)
    /// or `relay` (that of a relay) on a config, `link` on a secret, `job` on a service that removes a
    /// volume.
    public static final String ROLE = "logroute.role";
    public static final String ROUTER = "logroute.router";
    public static final String INSTANCE = "logroute.instance";
    /// On what is of a relay that we deploy: its name.
    public static final String RELAY = "logroute.relay";
    /// On a config: the hash of the whole pipeline.
    public static final String REVISION = "logroute.revision";
    /// On a config: the number that the revision got when it was last chosen. On a service: that of what is mounted.
    public static final String GENERATION = "logroute.generation";
    /// On a config: when it got that number.
    public static final String SINCE = "logroute.since";
    /// On a config: `1of3`, where a pipeline is more than one config can hold.
    public static final String PART = "logroute.part";
    /// On a config: the spec documents it came from.
    public static final String SOURCES = "logroute.sources";
    /// On a config: every instance ran it.
    public static final String ACCEPTED = "logroute.accepted";
    /// On a config: the version that the service of each instance had before it was updated to it,
    /// `0=123,1=130`. On the record of a relay the same of its Redis (0) and its exporter (1).
    public static final String TRIED = "logroute.tried";
    /// On a config: why it is not to run.
    public static final String REFUSED = "logroute.refused";
    /// On a config that is refused: the revision that an operator wants to run in its place.
    public static final String INSTEAD = "logroute.instead";
    /// On a config: its router takes no new revision while this is `true`.
    public static final String PAUSED = "logroute.paused";
    /// On a config: the node of each instance, `0=<node id>,1=<node id>`.
    public static final String PLACED = "logroute.placed";
    /// On a service: a hash of what we wanted it to be, so that what others changed can be told from what people
    /// declare.
    public static final String WANTED = "logroute.wanted";

    /// On the record of an instance, with what is below: the id of its node.
    public static final String NODE = "logroute.node";
    /// The name of that node.
    public static final String HOSTNAME = "logroute.hostname";
    /// How far it is on its way out: a word of [io.logroute.plan.Stage], in small letters.
    public static final String STAGE = "logroute.stage";
    /// Why it is on its way out: `scale: ...`, `operator: ...`, `node: ...`.
    public static final String WHY = "logroute.why";
    /// Since when its node is down, takes no tasks or is gone.
    public static final String AWAY = "logroute.away";
    /// The id of its buffer.
    public static final String BUFFER = "logroute.buffer";
    /// What it held when it was last noted down: `events=12,bytes=3456,letters=0,oldest=...,at=...`.
    public static final String CONTENT = "logroute.content";
    /// What it held and is gone, in words, until somebody says to forget it.
    public static final String LOST = "logroute.lost";
    /// Why its volume was not removed when that was tried last.
    public static final String FAILED = "logroute.failed";
    /// Who asked for it to be drained while it was on its way out for another reason: it is not taken back.
    public static final String ASKED = "logroute.asked";
    /// `true` once a pipeline ran there that writes files on its volume: they are all that there is of their events.
    public static final String FILES = "logroute.files";
    /// `true` once somebody said to forget it: its service goes, then this record, whatever lies on its volume.
    public static final String FORGOTTEN = "logroute.forgotten";

    public static final String STACK = "com.docker.stack.namespace";

    private Label() {}
}
