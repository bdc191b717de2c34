package io.logroute.face;

import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.vertx.http.HttpServer;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Quarkus's side of [Face]. A signal stops the application on the JVM's shutdown thread while
/// the main thread still waits; so it is the shutdown event, not the return of `run`, that
/// everything else is closed on.
@Singleton
@Unremovable
class Serving implements QuarkusApplication {
    private final HttpServer http;
    private final Face face = Face.serving();

    Serving(HttpServer http) {
        this.http = http;
    }

    @Override
    public int run(String... args) {
        face.listening(http.getPort());
        Quarkus.waitForExit();
        return 0;
    }

    void stopping(@Observes ShutdownEvent event) {
        face.stopping();
    }

    @Produces
    @Singleton
    Served served() {
        return face.served();
    }
}
