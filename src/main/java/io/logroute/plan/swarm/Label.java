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
    /// `router` on a service, `pipeline` on a config, `link` on a secret.
    public static final String ROLE = "logroute.role";
    public static final String ROUTER = "logroute.router";
    public static final String INSTANCE = "logroute.instance";
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
    /// On a config: the version that the service of each instance had before it was updated to it, `0=123,1=130`.
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

    public static final String STACK = "com.docker.stack.namespace";

    private Label() {}
}
