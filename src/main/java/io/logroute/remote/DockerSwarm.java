package io.logroute.remote;

import io.logroute.plan.swarm.Content;
import io.logroute.plan.swarm.Label;
import io.logroute.plan.swarm.OutOfDate;
import io.logroute.plan.swarm.RelayService;
import io.logroute.plan.swarm.RouterService;
import io.logroute.plan.swarm.Seen;
import io.logroute.plan.swarm.SpecName;
import io.logroute.plan.swarm.Step;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// [Swarm] over Docker's API, from Docker 20.10 on. Safe for all threads.
///
/// A look is six requests, whatever the swarm holds, and one more for each router that just died without words. A
/// change names the version that the last look saw: when somebody was quicker, Docker refuses it, and we look again.
public final class DockerSwarm implements Swarm, AutoCloseable {
    /// Where Docker's socket lies on nodes unless told otherwise.
    public static final String USUAL_NODE_SOCKET = "/var/run/docker.sock";

    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final Duration CHANGE = Duration.ofSeconds(30);
    private static final int MOST_WORDS = 64 << 10;
    private static final Pattern SPEC_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,49}");

    private final DockerHost host;
    private final DockerHttp docker;
    private final String prefix;
    private final String nodeSocket;
    private final Supplier<byte[]> linkKey;
    private final BiConsumer<String, Integer> counted;
    private final LastWords lastWords;
    private final Set<Following> following = ConcurrentHashMap.newKeySet();
    private final Object looking = new Object();
    private volatile Look.Found last = Look.Found.NOTHING;

    /// A swarm whose nodes have Docker's socket where it usually is.
    public DockerSwarm(DockerHost host, String prefix, Supplier<byte[]> linkKey, BiConsumer<String, Integer> counted) {
        this(host, prefix, USUAL_NODE_SOCKET, linkKey, counted);
    }

    /// @param prefix of the installation: what our labels say
    /// @param nodeSocket where Docker's socket lies on the nodes: a job that removes a volume mounts it
    /// @param linkKey the content of the link secret, asked for when it is to be made
    /// @param counted told of each answer: what was asked, such as `services.list`, and the status, or 0
    public DockerSwarm(
            DockerHost host,
            String prefix,
            String nodeSocket,
            Supplier<byte[]> linkKey,
            BiConsumer<String, Integer> counted) {
        this.host = host;
        this.docker = new DockerHttp(host, counted);
        this.prefix = prefix;
        this.nodeSocket = nodeSocket;
        this.linkKey = linkKey;
        this.counted = counted;
        this.lastWords = new LastWords(docker);
    }

    // ---- looking

    @Override
    public Seen observe() throws SwarmUnreachable {
        synchronized (looking) {
            var look = new Look(prefix, last.contents());
            // Networks come after the services that name them.
            list("services.list", "/services", look::service);
            list("tasks.list", "/tasks?filters=" + labelled(Label.MANAGED_BY + "=" + prefix), look::task);
            list("configs.list", "/configs", look::config);
            list("secrets.list", "/secrets", look::secret);
            list("networks.list", "/networks", look::network);
            list("nodes.list", "/nodes", look::node);
            var found = look.found(lastWords.forOneLook());
            last = found;
            return found.seen();
        }
    }

    private static String labelled(String label) {
        return encoded("{\"label\":[\"%s\"]}".formatted(label));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private void list(String op, String path, Tree.Each each) throws SwarmUnreachable {
        var request = DockerHttp.Request.get(op, path);
        var fault = docker.call(request, LOOK, (status, body) -> {
            if (status != 200) {
                return Optional.of(Fault.of(status, body.readNBytes(MOST_WORDS)));
            }
            Tree.each(body, each);
            return Optional.<Fault>empty();
        });
        if (fault.isPresent()) {
            throw unreachable(request, fault.get());
        }
    }

    private SwarmUnreachable unreachable(DockerHttp.Request request, Fault fault) {
        if (fault.words().contains("not a swarm manager")) {
            return new SwarmUnreachable(
                    "%s is no manager of a swarm: place the controller on one (node.role == manager), or make this node one: docker swarm init, or docker node promote"
                            .formatted(host));
        }
        if (fault.status() == 403 || fault.status() == 401) {
            return new SwarmUnreachable(
                    "%s forbids %s: allow it in the proxy or plugin that guards Docker".formatted(host, request));
        }
        return new SwarmUnreachable("%s answers %s with %s".formatted(host, request, fault));
    }

    /// What Docker answered in place of what was asked.
    private record Fault(int status, String words) {
        private static final String[] NOT_WELL = {
            "leader",
            "too few managers",
            "deadline",
            "unavailable",
            "connection",
            "transport",
            "timeout",
            "timed out",
            "eof",
            "swarm is encrypted",
            "not a swarm manager",
            "canceled",
            "shutting down"
        };

        static Fault of(int status, byte[] body) {
            try {
                return new Fault(status, Tree.parse(body).at("message").text().strip());
            } catch (IOException e) {
                return new Fault(
                        status, new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8).strip());
            }
        }

        boolean says(String... any) {
            var all = words.toLowerCase(Locale.ROOT);
            return List.of(any).stream().anyMatch(all::contains);
        }

        boolean outOfSequence() {
            return says("update out of sequence");
        }

        boolean alreadyThere() {
            return status == 409 || says("already exists", "name conflicts with");
        }

        boolean tooLarge() {
            return says("larger than", "exceeds", "too large", "message larger");
        }

        boolean gone() {
            return status == 404;
        }

        /// Whether it is Docker that is not well, so that asking again may help. Docker answers 500 to much that it
        /// will never take.
        boolean passes() {
            return switch (status) {
                case 401, 429, 502, 503, 504 -> true;
                case 403 -> !says("code = ");
                default -> status >= 500 && says(NOT_WELL);
            };
        }

        @Override
        public String toString() {
            return words.isEmpty() ? Integer.toString(status) : "%d: %s".formatted(status, words);
        }
    }

    // ---- changing

    @Override
    public void apply(Step step) throws SwarmUnreachable, OutOfDate, SwarmRefused {
        switch (step) {
            case Step.CreateSecret(var name) -> createSecret(name);
            case Step.CreateConfig(var config, var _) ->
                createConfig(config.name(), config.labels(), config.content().bytes());
            case Step.LabelConfig(var name, var from, var labels, var _) -> labelConfig(name, from, labels);
            case Step.CreateService(var service, var _) -> createService(service);
            case Step.UpdateService(var from, var to, var _) -> updateService(from, to);
            case Step.RemoveConfig(var name) -> {
                // The very one that was seen, should another have its name now.
                var seen = last.configs().get(name);
                removeConfig(name, seen != null ? seen.id() : name);
            }
            case Step.RemoveService(var name, var _, var _) -> removeService(name);
            case Step.RemoveVolume remove -> createJob(remove);
            case Step.RemoveJob(var name, var _) -> removeJob(name);
            case Step.CreateRelay(var service, var _) -> createRelay(service);
            case Step.UpdateRelay(var from, var to, var _) -> updateRelay(from, to);
            case Step.RemoveRelay(var name, var _, var _) -> removeService(name);
            case Step.Push _, Step.Tell _ ->
                throw new IllegalArgumentException("what a router is told is nothing a swarm does");
        }
    }

    private void createSecret(String name) throws SwarmUnreachable, OutOfDate, SwarmRefused {
        var spec = spec(name, Map.of(Label.MANAGED_BY, prefix, Label.ROLE, "link"), linkKey.get());
        var request = DockerHttp.Request.post("secrets.create", "/secrets/create", spec);
        var fault = change(request);
        if (fault == null) {
            return;
        }
        if (!fault.alreadyThere()) {
            throw refusal("secret " + name, request, fault);
        }
        // Its name says what is in it.
        needOurs("secret", name);
    }

    private void createConfig(String name, Map<String, String> labels, byte[] content)
            throws SwarmUnreachable, OutOfDate, SwarmRefused {
        var request = DockerHttp.Request.post("configs.create", "/configs/create", spec(name, labels, content));
        var fault = change(request);
        if (fault != null) {
            if (fault.alreadyThere()) {
                needOurs("config", name);
                throw new OutOfDate("config %s is there already".formatted(name));
            }
            throw refusal("config " + name, request, fault);
        }
    }

    private static byte[] spec(String name, Map<String, String> labels, byte[] content) {
        var spec = new LinkedHashMap<String, @Nullable Object>();
        spec.put("Name", name);
        spec.put("Labels", labels);
        spec.put("Data", Base64.getEncoder().encodeToString(content));
        return new Tree(spec).json();
    }

    private void labelConfig(String name, Map<String, String> from, Map<String, String> labels)
            throws SwarmUnreachable, OutOfDate, SwarmRefused {
        var seen = last;
        var handle = seen.configs().get(name);
        var config = seen.seen().owned().configs().get(name);
        if (handle == null || config == null || !config.labels().equals(from)) {
            throw new OutOfDate("config %s is not as it was".formatted(name));
        }
        var spec = new LinkedHashMap<String, @Nullable Object>();
        spec.put("Name", name);
        spec.put("Labels", labels);
        var path = "/configs/%s/update?version=%d".formatted(handle.id(), handle.version());
        var request = DockerHttp.Request.post("configs.update", path, new Tree(spec).json());
        var fault = change(request);
        if (fault != null) {
            throw outOfDate("config " + name, request, fault);
        }
    }

    private void createService(RouterService service) throws SwarmUnreachable, OutOfDate, SwarmRefused {
        create(service.name(), ServiceForm.written(service, ids(service), Tree.NOTHING));
    }

    private void createRelay(RelayService service) throws SwarmUnreachable, OutOfDate, SwarmRefused {
        create(service.name(), RelayForm.written(service, ids(service), Tree.NOTHING));
    }

    private void create(String name, Map<String, @Nullable Object> spec)
            throws SwarmUnreachable, OutOfDate, SwarmRefused {
        var request = DockerHttp.Request.post("services.create", "/services/create", new Tree(spec).json());
        var fault = change(request);
        if (fault != null) {
            if (fault.alreadyThere()) {
                needOurs("service", name);
                throw new OutOfDate("service %s is there already".formatted(name));
            }
            throw refusal("service " + name, request, fault);
        }
    }

    private void updateService(RouterService from, RouterService to) throws SwarmUnreachable, OutOfDate, SwarmRefused {
        var look = last;
        var seen = look.services().get(to.name());
        if (seen == null || !from.equals(look.seen().owned().services().get(to.name()))) {
            throw new OutOfDate("service %s is not as it was".formatted(to.name()));
        }
        update(to.name(), seen.handle(), ServiceForm.written(to, ids(to), seen.spec()));
    }

    private void updateRelay(RelayService from, RelayService to) throws SwarmUnreachable, OutOfDate, SwarmRefused {
        var look = last;
        var seen = look.services().get(to.name());
        if (seen == null || !from.equals(look.seen().owned().relays().get(to.name()))) {
            throw new OutOfDate("service %s is not as it was".formatted(to.name()));
        }
        update(to.name(), seen.handle(), RelayForm.written(to, ids(to), seen.spec()));
    }

    private void update(String name, Look.Handle handle, Map<String, @Nullable Object> spec)
            throws SwarmUnreachable, OutOfDate, SwarmRefused {
        var path = "/services/%s/update?version=%d".formatted(handle.id(), handle.version());
        var request = DockerHttp.Request.post("services.update", path, new Tree(spec).json());
        var fault = change(request);
        if (fault != null) {
            throw outOfDate("service " + name, request, fault);
        }
    }

    /// Docker takes no version with what is to be removed: so it is looked at once more just before.
    private void removeService(String name) throws SwarmUnreachable, OutOfDate, SwarmRefused {
        var there = inspected("service", name);
        if (!there.isThere()) {
            return;
        }
        var seen = last.services().get(name);
        if (seen == null
                || !seen.handle().id().equals(there.at("ID").text())
                || seen.handle().version() != there.at("Version", "Index").number()) {
            throw new OutOfDate("service %s is not as it was".formatted(name));
        }
        removeService(name, seen.handle().id());
    }

    private void removeService(String name, String id) throws SwarmUnreachable, SwarmRefused {
        var request = new DockerHttp.Request("services.remove", "DELETE", "/services/" + encoded(id), null);
        var fault = change(request);
        if (fault != null && !fault.gone()) {
            throw refusal("service " + name, request, fault);
        }
    }

    private void createJob(Step.RemoveVolume remove) throws SwarmUnreachable, SwarmRefused {
        var spec = new Tree(JobForm.written(remove, prefix, nodeSocket));
        var request = DockerHttp.Request.post("services.create", "/services/create", spec.json());
        var fault = change(request);
        if (fault == null) {
            return;
        }
        if (!fault.alreadyThere()) {
            throw refusal("job " + remove.job(), request, fault);
        }
        needOurs("service", remove.job());
    }

    private void removeJob(String name) throws SwarmUnreachable, OutOfDate, SwarmRefused {
        var there = inspected("service", name);
        if (!there.isThere()) {
            return;
        }
        var labels = there.at("Spec", "Labels").texts();
        if (!prefix.equals(labels.get(Label.MANAGED_BY)) || !JobForm.ROLE.equals(labels.get(Label.ROLE))) {
            throw new OutOfDate("service %s is no job of ours".formatted(name));
        }
        removeService(name, there.at("ID").text());
    }

    private void removeConfig(String name, String id) throws SwarmUnreachable, SwarmRefused {
        var request = new DockerHttp.Request("configs.remove", "DELETE", "/configs/" + encoded(id), null);
        var fault = change(request);
        if (fault != null && !fault.gone()) {
            throw refusal("config " + name, request, fault);
        }
    }

    /// What a service names, as Docker calls it; asks for what the last look did not see.
    private ServiceForm.Ids ids(RouterService service) throws SwarmUnreachable, OutOfDate {
        return ids(service.configs().values(), service.secrets().values());
    }

    private ServiceForm.Ids ids(RelayService service) throws SwarmUnreachable, OutOfDate {
        return ids(List.of(), service.secrets().values());
    }

    private ServiceForm.Ids ids(Collection<String> namedConfigs, Collection<String> namedSecrets)
            throws SwarmUnreachable, OutOfDate {
        var seen = last;
        var configs = new HashMap<String, String>();
        for (var name : namedConfigs) {
            var handle = seen.configs().get(name);
            configs.put(name, handle != null ? handle.id() : id("config", name));
        }
        var secrets = new HashMap<String, String>();
        for (var name : namedSecrets) {
            var id = seen.secretIds().get(name);
            secrets.put(name, id != null ? id : id("secret", name));
        }
        return new ServiceForm.Ids(
                name -> configs.getOrDefault(name, name),
                name -> secrets.getOrDefault(name, name),
                name -> seen.networkIds().getOrDefault(name, name));
    }

    private String id(String kind, String name) throws SwarmUnreachable, OutOfDate {
        return inspected(kind, name).at("ID").word().orElseThrow(() -> {
            return new OutOfDate("%s %s is not there".formatted(kind, name));
        });
    }

    /// Nothing when there is no such thing.
    private Tree inspected(String kind, String name) throws SwarmUnreachable {
        var request = DockerHttp.Request.get(kind + "s.inspect", "/%ss/%s".formatted(kind, encoded(name)));
        return docker.call(request, LOOK, (status, body) -> {
            return status == 200 ? Tree.parse(body.readAllBytes()) : Tree.NOTHING;
        });
    }

    /// @throws SwarmRefused when what has the name that we want is somebody else's
    private void needOurs(String kind, String name) throws SwarmUnreachable, SwarmRefused {
        var there = inspected(kind, name);
        if (there.isThere()
                && !prefix.equals(there.at("Spec", "Labels", Label.MANAGED_BY).text())) {
            throw new SwarmRefused(
                    "a %s %s is there that is not ours, for it does not carry the label %s=%s"
                            .formatted(kind, name, Label.MANAGED_BY, prefix),
                    "Remove it, rename the router or relay, or give it back its label.");
        }
    }

    /// @return what Docker answered in place of making it
    private @Nullable Fault change(DockerHttp.Request request) throws SwarmUnreachable {
        return docker.call(
                        request,
                        CHANGE,
                        (status, body) -> status >= 200 && status < 300
                                ? Optional.<Fault>empty()
                                : Optional.of(Fault.of(status, body.readNBytes(MOST_WORDS))))
                .orElse(null);
    }

    private SwarmRefused outOfDate(String what, DockerHttp.Request request, Fault fault)
            throws OutOfDate, SwarmUnreachable, SwarmRefused {
        if (fault.outOfSequence()) {
            throw new OutOfDate("%s was changed by somebody else since it was looked at".formatted(what));
        }
        if (fault.gone()) {
            throw new OutOfDate("%s is gone".formatted(what));
        }
        throw refusal(what, request, fault);
    }

    private SwarmRefused refusal(String what, DockerHttp.Request request, Fault fault) throws SwarmUnreachable {
        return refusal(what, request, fault, mend(fault));
    }

    private SwarmRefused refusal(String what, DockerHttp.Request request, Fault fault, String mend)
            throws SwarmUnreachable {
        if (fault.passes()) {
            throw unreachable(request, fault);
        }
        return new SwarmRefused("Docker will not have %s: %s".formatted(what, fault), mend);
    }

    private static String mend(Fault fault) {
        if (fault.says("in use")) {
            return "Take it out of the service that it names; ours are removed once no router needs them.";
        }
        if (fault.tooLarge()) {
            return "Share its routes among several routers.";
        }
        if (fault.says("network")) {
            return "Look at the networks under deploy: docker network ls.";
        }
        if (fault.says("port")) {
            return "Look which service publishes the port: docker service ls.";
        }
        return "Look at what the router or relay says under deploy, and at the limits of this Docker.";
    }

    // ---- specs

    @Override
    public String storeSpec(String name, byte[] content) throws SwarmUnreachable, SwarmRefused {
        var config = specName(name, content);
        var labels = Map.of(Label.SPEC, "true", Label.SPEC_NAME, name);
        var request = DockerHttp.Request.post("configs.create", "/configs/create", spec(config, labels, content));
        var fault = change(request);
        if (fault != null) {
            if (!fault.alreadyThere()) {
                var mend = fault.tooLarge()
                        ? "Share its documents among several files, and apply each under a name of its own."
                        : mend(fault);
                throw refusal("config " + config, request, fault, mend);
            }
            if (!name.equals(inspected("config", config)
                    .at("Spec", "Labels", Label.SPEC_NAME)
                    .text())) {
                throw new SwarmRefused(
                        "a config %s is there that was not stored by logroute apply".formatted(config),
                        "Take another name than %s, or remove it.".formatted(name));
            }
        }
        try {
            var byHand = specByHand(name);
            if (byHand.isPresent()) {
                removeConfig(name, byHand.get());
            }
        } catch (SwarmRefused e) {
            // Both together would be two documents of each name: of both none would count.
            if (fault == null) {
                removeConfig(config, config);
            }
            throw e;
        }
        for (var older : stored(name)) {
            if (!older.equals(config)) {
                removeConfig(older, older);
            }
        }
        return config;
    }

    /// The id of a config that is called just so, with spec documents that nobody stored under another name.
    private Optional<String> specByHand(String name) throws SwarmUnreachable {
        var there = inspected("config", name);
        var labels = there.at("Spec", "Labels").texts();
        // Docker takes the beginning of an id for a name, too.
        boolean takesItsPlace = name.equals(there.at("Spec", "Name").text())
                && "true".equals(labels.get(Label.SPEC))
                && name.equals(labels.getOrDefault(Label.SPEC_NAME, name))
                && !labels.containsKey(Label.MANAGED_BY);
        return takesItsPlace ? there.at("ID").word() : Optional.empty();
    }

    private Set<String> stored(String name) throws SwarmUnreachable {
        var names = new java.util.TreeSet<String>();
        var path = "/configs?filters=" + labelled(Label.SPEC_NAME + "=" + name);
        list("configs.list", path, parser -> {
            names.add(Tree.read(parser).at("Spec", "Name").text());
        });
        return names;
    }

    /// @throws SwarmRefused when no config can be called so
    static String specName(String name, byte[] content) throws SwarmRefused {
        if (!SPEC_NAME.matcher(name).matches()) {
            throw new SwarmRefused(
                    "\"%s\" cannot name a Docker config".formatted(name),
                    "Use a-z, A-Z, 0-9, ., _ and -, 50 at most, and begin with a letter or digit.");
        }
        return SpecName.of(name, content);
    }

    // ---- following

    @Override
    public AutoCloseable follow(Runnable bell) {
        var one = new Following(new DockerHttp(host, counted), bell);
        following.add(one);
        one.start();
        return () -> {
            following.remove(one);
            one.close();
        };
    }

    @Override
    public boolean follows() {
        return following.stream().anyMatch(Following::follows);
    }

    /// Ends following, and the connections that nobody uses. Safe twice.
    @Override
    public void close() {
        following.forEach(Following::close);
        following.clear();
        docker.close();
    }

    /// What configs hold, by id, as far as it was read. For tests: it must not grow.
    Map<String, Content> contents() {
        return last.contents();
    }
}
