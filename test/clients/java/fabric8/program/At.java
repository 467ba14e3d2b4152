import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.File;
import java.util.HashMap;
import java.util.Map;

/** Where a program works, and with what. */
record At(KubernetesClient client, String namespace, String prefix, String deployment) {
    static At of(String kubeconfig, String namespace, String prefix, String deployment) {
        var config = Config.fromKubeconfig(new File(kubeconfig));
        // A watch that is cut ends; else it comes again for ever, and the program is told nothing.
        config.setWatchReconnectLimit(0);
        var client = new KubernetesClientBuilder().withConfig(config).build();
        return new At(client, namespace, prefix, deployment);
    }

    NonNamespaceOperation<ConfigMap, ConfigMapList, Resource<ConfigMap>> configMaps() {
        return client.configMaps().inNamespace(namespace);
    }

    String named(String name) {
        return prefix + "-" + name;
    }

    ConfigMap configMap(String name, Map<String, String> data, Map<String, String> labels) {
        var all = new HashMap<>(labels);
        all.put("client", prefix);
        var metadata = new ConfigMapBuilder().withNewMetadata().withName(named(name)).withLabels(all).endMetadata();
        return metadata.withData(data).build();
    }

    ConfigMap create(String name, Map<String, String> data, Map<String, String> labels) {
        return configMaps().resource(configMap(name, data, labels)).create();
    }

    PodResource pod() {
        var pods = client.pods().inNamespace(namespace);
        var running = pods.withLabel("app", deployment).withField("status.phase", "Running").list().getItems();
        return pods.withName(running.get(0).getMetadata().getName());
    }
}
