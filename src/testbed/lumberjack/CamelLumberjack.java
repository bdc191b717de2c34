import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.camel.component.lumberjack.io.LumberjackServer;

/// The Lumberjack server of Apache Camel, as a process of its own: says `ready`, prints each event as `N MSG` and
/// then acknowledges its window; ends with its standard input. Arguments: PORT, and for TLS CERTIFICATE KEY.
class CamelLumberjack {
    static void main(String[] arguments) throws Exception {
        var server = new LumberjackServer(
                "127.0.0.1",
                Integer.parseInt(arguments[0]),
                arguments.length < 3 ? null : tls(Path.of(arguments[1]), Path.of(arguments[2])),
                Thread.ofPlatform().daemon().factory(),
                (payload, callback) -> {
                    var event = (Map<?, ?>) payload;
                    System.out.println(event.get("n") + " " + event.get("msg"));
                    callback.onComplete(true);
                });
        server.start();
        System.out.println("ready");
        while (System.in.read() >= 0) {}
        server.stop();
    }

    private static SSLContext tls(Path certificate, Path key) throws Exception {
        Certificate[] chain;
        try (var in = Files.newInputStream(certificate)) {
            chain = CertificateFactory.getInstance("X.509").generateCertificates(in).toArray(Certificate[]::new);
        }
        var bytes = Base64.getMimeDecoder().decode(Files.readString(key).replaceAll("-----[A-Z ]+-----", ""));
        var kind = chain[0].getPublicKey().getAlgorithm();
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        var made = KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(bytes));
        store.setKeyEntry("server", made, new char[0], chain);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
