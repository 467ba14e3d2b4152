import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AppsV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.File;
import java.io.FileReader;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Where a program works, and with what. */
record At(ApiClient client, CoreV1Api core, AppsV1Api apps, String namespace, String prefix, String deployment) {
    /** The library runs the exec plugin here, and never again: long programs make a new client now and then. */
    static At of(String kubeconfig, String namespace, String prefix, String deployment) throws IOException {
        try (var reader = new FileReader(kubeconfig)) {
            var config = KubeConfig.loadKubeConfig(reader);
            config.setFile(new File(kubeconfig));
            var client = ClientBuilder.kubeconfig(config).build();
            // A watch is quiet for as long as nothing happens.
            client.setReadTimeout(0);
            client.setHttpClient(client.getHttpClient().newBuilder().callTimeout(Duration.ZERO).build());
            return new At(client, new CoreV1Api(client), new AppsV1Api(client), namespace, prefix, deployment);
        }
    }

    String named(String name) {
        return prefix + "-" + name;
    }

    V1ConfigMap configMap(String name, Map<String, String> data, Map<String, String> labels) {
        var all = new HashMap<>(labels);
        all.put("client", prefix);
        return new V1ConfigMap().metadata(new V1ObjectMeta().name(named(name)).labels(all)).data(data);
    }

    V1ConfigMap create(String name, Map<String, String> data, Map<String, String> labels) throws ApiException {
        return core.createNamespacedConfigMap(namespace, configMap(name, data, labels)).execute();
    }

    V1ConfigMap read(String name) throws ApiException {
        return core.readNamespacedConfigMap(named(name), namespace).execute();
    }

    String pod() throws ApiException {
        var pods = core.listNamespacedPod(namespace).labelSelector("app=" + deployment).fieldSelector("status.phase=Running");
        return pods.execute().getItems().get(0).getMetadata().getName();
    }
}
