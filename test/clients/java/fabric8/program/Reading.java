import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

final class Reading {
    static final Map<String, Main.Use> CAPABILITIES = new LinkedHashMap<>();

    static {
        CAPABILITIES.put("version", Reading::version);
        CAPABILITIES.put("discovery", Reading::discovery);
        CAPABILITIES.put("list in pages", Reading::pages);
        CAPABILITIES.put("watch", Reading::watched);
        CAPABILITIES.put("watch after 410 Gone", Reading::gone);
        CAPABILITIES.put("informer", Reading::informer);
        CAPABILITIES.put("dynamic client", Reading::dynamicClient);
    }

    private static Map<String, Object> version(At at) {
        return Map.of("server", at.client().getKubernetesVersion().getGitVersion());
    }

    private static Map<String, Object> discovery(At at) throws Exception {
        var groups = at.client().getApiGroups().getGroups().stream().map(group -> group.getName());
        var deployments = at.client().getApiResources("apps/v1").getResources().stream()
            .filter(each -> each.getName().equals("deployments"));
        var core = at.client().getApiResources("v1").getResources();
        return Map.of(
            "groups", groups.filter(name -> name.equals("apps") || name.equals("batch")).toList(),
            "versions", Serialization.jsonMapper().readTree(at.client().raw("/api/")).get("versions"),
            "deployments", deployments.flatMap(each -> each.getVerbs().stream()).sorted().toList(),
            "pods", core.stream().anyMatch(each -> each.getName().equals("pods")));
    }

    private static Map<String, Object> pages(At at) {
        var data = Map.of("text", "x".repeat(40_000));
        for (var number = 0; number < 5; number++) at.create("page-" + number, data, Map.of("pages", at.prefix()));
        var sizes = new ArrayList<Integer>();
        String more = null;
        do {
            var which = new ListOptionsBuilder().withLimit(2L).withContinue(more).build();
            var page = at.configMaps().withLabel("pages", at.prefix()).list(which);
            sizes.add(page.getItems().size());
            more = page.getMetadata().getContinue();
        } while (more != null && !more.isEmpty());
        return Map.of("sizes", sizes);
    }

    /** The first event, or how the watch ended instead. */
    private static final class First<T> implements Watcher<T> {
        final CompletableFuture<T> came = new CompletableFuture<>();

        @Override
        public void eventReceived(Action action, T found) {
            if (action == Action.ADDED) came.complete(found);
        }

        @Override
        public void onClose(WatcherException cause) {
            came.completeExceptionally(cause);
        }
    }

    private static Map<String, Object> watched(At at) throws Exception {
        var labels = Map.of("watched", at.named("watched"));
        var now = at.configMaps().withLabels(labels).list().getMetadata().getResourceVersion();
        var first = new First<ConfigMap>();
        var options = new ListOptionsBuilder().withResourceVersion(now).build();
        try (var watching = at.configMaps().withLabels(labels).watch(options, first)) {
            at.create("watched", Map.of(), labels);
            var name = first.came.get(30, TimeUnit.SECONDS).getMetadata().getName();
            return Map.of("type", "ADDED", "name", name.replace(at.prefix(), ""));
        }
    }

    /** A version that is too old, then the list anew, as reflectors do. */
    private static Map<String, Object> gone(At at) throws Exception {
        var kind = new ResourceDefinitionContext.Builder()
            .withGroup("example.com").withVersion("v1").withKind("Thing").withPlural("things").withNamespaced(true).build();
        var things = at.client().genericKubernetesResources(kind).inNamespace(at.namespace());
        var named = things.withName(at.named("thing"));
        var old = new First<GenericKubernetesResource>();
        var ended = new CompletableFuture<Integer>();
        old.came.whenComplete((found, error) -> ended.complete(error instanceof WatcherException e && e.isHttpGone() ? 410 : 0));
        named.watch(new ListOptionsBuilder().withResourceVersion("1").build(), old);
        var status = ended.get(30, TimeUnit.SECONDS);
        var now = things.list().getMetadata().getResourceVersion();
        var first = new First<GenericKubernetesResource>();
        try (var watching = named.watch(new ListOptionsBuilder().withResourceVersion(now).build(), first)) {
            var thing = new GenericKubernetesResource();
            thing.setApiVersion("example.com/v1");
            thing.setKind("Thing");
            thing.setMetadata(new io.fabric8.kubernetes.api.model.ObjectMetaBuilder().withName(at.named("thing")).build());
            things.resource(thing).create();
            first.came.get(30, TimeUnit.SECONDS);
            return Map.of("status", status, "afterwards", "ADDED");
        }
    }

    private static Map<String, Object> informer(At at) throws Exception {
        var added = new CompletableFuture<Boolean>();
        var deleted = new CompletableFuture<Boolean>();
        var labels = Map.of("informed", at.prefix());
        var handler = new ResourceEventHandler<ConfigMap>() {
            @Override
            public void onAdd(ConfigMap found) {
                added.complete(true);
            }

            @Override
            public void onUpdate(ConfigMap before, ConfigMap after) {}

            @Override
            public void onDelete(ConfigMap found, boolean unknown) {
                deleted.complete(true);
            }
        };
        try (var informing = at.configMaps().withLabels(labels).inform(handler)) {
            at.create("informed", Map.of(), labels);
            added.get(30, TimeUnit.SECONDS);
            at.configMaps().withName(at.named("informed")).delete();
            return Map.of("added", true, "deleted", deleted.get(30, TimeUnit.SECONDS));
        }
    }

    private static Map<String, Object> dynamicClient(At at) {
        var deployments = at.client().genericKubernetesResources("apps/v1", "Deployment").inNamespace(at.namespace());
        var found = deployments.withName(at.deployment()).get();
        return Map.of("kind", found.getKind(), "replicas", found.<Object>get("spec", "replicas"));
    }
}
