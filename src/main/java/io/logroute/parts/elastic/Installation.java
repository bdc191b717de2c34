package io.logroute.parts.elastic;

import io.logroute.flow.Delivery;
import io.logroute.flow.Json;
import io.logroute.flow.Preparation;
import io.logroute.parts.elastic.IndexTemplate.Decision;
import io.logroute.remote.Elastic;
import io.logroute.spec.FieldTemplate;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Puts a sink's index template at Elasticsearch before the first write, and knows how that stands.
///
/// Component templates go first, then the index template that names them. An older one of ours is
/// replaced, an equal or newer one left alone, one that is not ours never touched: then the
/// preparation is refused. Writes go on while it is refused only when an index template of that
/// name is there, so that no index is made without any mapping; else they wait. A refusal is
/// looked at again each half minute of writing.
///
/// Safe for all threads: one looks, the others wait for it.
final class Installation {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private static final Logger LOG = System.getLogger(Installation.class.getName());

    private final String sink;
    private final Elastic elastic;
    private final IndexTemplate template;
    private final IndexTemplate.Fitted fitted;
    private final InstantSource clock;
    private final ReentrantLock looking = new ReentrantLock();
    private volatile Standing standing = new Standing(
            new Preparation.Pending("the index template is installed with the first write"), null, Instant.MIN);

    /// @param pause why writes wait; `null` when they go on
    /// @param until not looked at again before
    private record Standing(Preparation preparation, Delivery.@Nullable Retry pause, Instant until) {}

    /// @param sink its name, for the log
    Installation(String sink, Elastic elastic, IndexTemplate template, FieldTemplate sinkIndex, InstantSource clock) {
        this.sink = sink;
        this.elastic = elastic;
        this.template = template;
        this.fitted = template.fittedTo(sinkIndex);
        this.clock = clock;
    }

    Preparation preparation() {
        return standing.preparation;
    }

    /// Installs what is not there yet. Gives why writes wait, or `null` when they go on.
    ///
    /// @throws IOException when Elasticsearch cannot be reached or is busy
    Delivery.@Nullable Retry proceed() throws IOException, InterruptedException {
        if (standing.preparation instanceof Preparation.Done) {
            return null;
        }
        looking.lockInterruptibly();
        try {
            if (standing.preparation instanceof Preparation.Done) {
                return null;
            }
            if (clock.instant().isBefore(standing.until)) {
                return standing.pause;
            }
            look();
            return standing.pause;
        } finally {
            looking.unlock();
        }
    }

    private void look() throws IOException, InterruptedException {
        try {
            var before = standing.preparation;
            standing = install();
            if (standing.preparation instanceof Preparation.Refused refused && !refused.equals(before)) {
                LOG.log(Level.WARNING, "sink {0}: {1}. {2}", sink, refused.reason(), refused.mend());
            }
        } catch (NotTaken e) {
            var wait = Verdict.ofRequest(e.answer.status(), e.type, e.reason);
            standing = new Standing(
                    new Preparation.Pending(wait.reason()),
                    wait,
                    clock.instant().plus(wait.after()));
        } catch (IOException e) {
            standing = new Standing(new Preparation.Pending(String.valueOf(e.getMessage())), null, Instant.MIN);
            throw e;
        }
    }

    private Standing install() throws IOException, InterruptedException {
        if (fitted.pattern().equals("*")) {
            return refused(
                    "index template " + fitted.name() + " would apply to every index, since the sink's index is made of"
                            + " fields and time alone",
                    "Begin the sink's index with some text, such as logs-, or leave template out of the sink.",
                    false);
        }
        boolean there = false;
        try {
            var index = installed("/_index_template/", "index_templates", "index_template", fitted.name());
            there = index != null;
            var decision = Decision.about(index, fitted.template(), fitted.version());
            switch (decision) {
                case FOREIGN -> {
                    return foreign("index template", "_index_template", fitted.name(), true);
                }
                case NEWER -> {
                    return done("newer than ours, " + fitted.version() + ", and left alone");
                }
                case INSTALL, KEEP -> {}
            }
            for (var component : stale()) {
                if (component.foreign) {
                    return foreign("component template", "_component_template", component.name, there);
                }
                put("/_component_template/", component.name, template.component(component.name));
            }
            if (decision == Decision.INSTALL) {
                put("/_index_template/", fitted.name(), fitted.json());
            }
            return done("version " + fitted.version() + ", for " + fitted.pattern());
        } catch (NotTaken e) {
            int status = e.answer.status();
            if (status == 401 || status == 408 || status == 429) {
                throw e;
            }
            if (status >= 500) {
                throw new IOException(Verdict.words(status, e.type, e.reason), e);
            }
            return refused(
                    "index template %s: %s".formatted(fitted.name(), Verdict.words(status, e.type, e.reason)),
                    status == 403
                            ? "Give the user the cluster privilege manage_index_templates, or install mappings/"
                                    + fitted.template() + " by hand and leave template out of the sink."
                            : "Check that urls of the sink point to Elasticsearch 8 or 9, or OpenSearch, and mend what it says.",
                    there);
        }
    }

    private record Component(String name, boolean foreign) {}

    private List<Component> stale() throws IOException, InterruptedException {
        var stale = new ArrayList<Component>();
        for (var name : template.components().keySet()) {
            var there = installed("/_component_template/", "component_templates", "component_template", name);
            switch (Decision.about(there, template.name(), template.version())) {
                case INSTALL -> stale.add(new Component(name, false));
                case FOREIGN -> stale.addFirst(new Component(name, true));
                case KEEP, NEWER -> {}
            }
        }
        return stale;
    }

    private Standing done(String how) {
        return new Standing(new Preparation.Done("template " + fitted.name() + ", " + how), null, Instant.MIN);
    }

    private Standing foreign(String kind, String api, String name, boolean writesGoOn) {
        return refused(
                "%s %s is there and was not made by LogRoute (it has no _meta.logroute for \"%s\")"
                        .formatted(kind, name, fitted.template()),
                "Delete it (DELETE %s/%s) so that ours can be installed, or leave template out of the sink to keep it."
                        .formatted(api, name),
                writesGoOn);
    }

    private Standing refused(String reason, String mend, boolean writesGoOn) {
        var wait = new Delivery.Retry("the index template must be there first: " + reason, LOOK_AGAIN);
        return new Standing(
                new Preparation.Refused(reason, mend),
                writesGoOn ? null : wait,
                clock.instant().plus(LOOK_AGAIN));
    }

    /// The body of the template of that name; `null` when there is none.
    private @Nullable Map<?, ?> installed(String api, String list, String body, String name)
            throws IOException, InterruptedException {
        var answer = elastic.get(api + encoded(name));
        if (answer.status() == 404) {
            return null;
        }
        if (!answer.isGood()) {
            throw new NotTaken(answer);
        }
        if (tree(answer.body()).get(list) instanceof List<?> found) {
            for (var each : found) {
                if (each instanceof Map<?, ?> one && name.equals(one.get("name"))) {
                    return one.get(body) instanceof Map<?, ?> there ? there : Map.of();
                }
            }
            return null;
        }
        throw new IOException("the answer to GET %s%s has no %s; is this Elasticsearch?".formatted(api, name, list));
    }

    private void put(String api, String name, byte[] json) throws IOException, InterruptedException {
        var answer = elastic.put(api + encoded(name), json);
        if (!answer.isGood()) {
            throw new NotTaken(answer);
        }
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Map<String, @Nullable Object> tree(byte[] body) throws IOException {
        try {
            return Json.parse(body, 0, body.length);
        } catch (IllegalArgumentException e) {
            throw new IOException("the answer about the index template is not JSON; is this Elasticsearch?", e);
        }
    }

    /// An answer that is neither yes nor "there is none".
    private static final class NotTaken extends IOException {
        private final transient Elastic.Answer answer;
        private final String type;
        private final String reason;

        NotTaken(Elastic.Answer answer) {
            super("answered " + answer.status());
            this.answer = answer;
            var said = Elastic.BulkAnswer.Refused.of(answer);
            this.type = said.type();
            this.reason = said.reason();
        }
    }
}
