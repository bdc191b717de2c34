package io.logroute.face.convert;

import io.logroute.face.convert.Remark.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// One input or output: its options, and what is told of them.
///
/// @param side `input` or `output`
record End(Notes notes, String side, Settings settings) {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z0-9_.]+)[^}]*\\}");

    void leftOut(String option, String text) {
        tell(Kind.LEFT_OUT, option, text);
    }

    void changed(String option, String text) {
        tell(Kind.CHANGED, option, text);
    }

    void note(String option, String text) {
        tell(Kind.NOTE, option, text);
    }

    private void tell(Kind kind, String option, String text) {
        notes.add(settings.at(option), kind, side + " " + settings.name(), option, text);
    }

    /// A name where the environment had one: `${ES_HOST}` becomes `es-host`. It is told about already.
    static String named(String host) {
        return VARIABLE.matcher(host)
                .replaceAll(
                        variable -> variable.group(1).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-"));
    }

    /// Where the environment was to say it, the usual one; that is told about already.
    int port(String option, int usual) throws Untold {
        var written = settings.text(option, String.valueOf(usual));
        return written.startsWith("${") ? usual : Hints.whole(written, option);
    }

    /// A file that a secret goes into.
    ///
    /// @param option where it stood
    /// @param what `the password`
    /// @return the path of the file
    String secret(String option, String what, String name) {
        var file = "/run/secrets/" + name;
        changed(option, "secrets stand in files: put %s into %s, or name the file that has it".formatted(what, file));
        return file;
    }

    /// TLS towards a server, from PEM files; empty where nothing is said of it.
    Map<String, Object> clientTls() throws Untold {
        var authorities = settings.texts(first("ssl_certificate_authorities", "cacert", "ssl_cacert"));
        var certificate = settings.text(first("ssl_certificate", "client_cert", "tls_certificate", "ssl_cert"));
        var key = settings.text(first("ssl_key", "client_key", "tls_key"));
        boolean verify = settings.truth("ssl_certificate_verification", true)
                && !settings.text("ssl_verification_mode", "full").equals("none");
        var tls = new LinkedHashMap<String, Object>();
        if (!authorities.isEmpty()) {
            tls.put("caFile", authorities.getFirst());
            if (authorities.size() > 1) {
                changed("ssl_certificate_authorities", "one file holds them all; put the others into the first");
            }
        }
        if (certificate.isPresent() && key.isPresent()) {
            tls.put("certificateFile", certificate.get());
            tls.put("keyFile", key.get());
        }
        if (!verify) {
            tls.put("verify", false);
        }
        return tls;
    }

    /// TLS of a port, from PEM files; empty where it speaks none.
    ///
    /// @param always whether it speaks TLS without being told
    Optional<Map<String, Object>> serverTls(boolean always) throws Untold {
        boolean on = settings.truth("ssl_enabled", settings.truth("ssl_enable", settings.truth("ssl", always)));
        var certificate = settings.text(first("ssl_certificate", "ssl_cert"));
        var key = settings.text("ssl_key");
        var authorities = settings.texts(first("ssl_certificate_authorities", "ssl_cacert"));
        var asking = first("ssl_client_authentication", "ssl_verify_mode", "ssl_verify");
        var asks = settings.text(asking, authorities.isEmpty() ? "none" : "required")
                .toLowerCase(Locale.ROOT);
        if (!on) {
            return Optional.empty();
        }
        if (certificate.isEmpty() || key.isEmpty()) {
            throw new Untold(
                    "TLS here takes a certificate and a key in PEM files; write tls: { certificateFile, keyFile }");
        }
        var tls = new LinkedHashMap<String, Object>();
        tls.put("certificateFile", certificate.get());
        tls.put("keyFile", key.get());
        note(
                "ssl_key",
                "the key must be PKCS #8 and not encrypted, and the router must find both files at these places");
        boolean mutual = !asks.equals("none") && !asks.equals("false");
        if (mutual && !authorities.isEmpty()) {
            tls.put("clientCaFile", authorities.getFirst());
            if (authorities.size() > 1) {
                changed("ssl_certificate_authorities", "one file holds them all; put the others into the first");
            }
            if (asks.equals("optional") || asks.equals("peer")) {
                changed(asking, "a client must show a certificate, it cannot choose");
            }
        }
        return Optional.of(tls);
    }

    /// The first of these options that is written, or the first of all.
    private String first(String... options) {
        return List.of(options).stream().filter(settings::has).findFirst().orElse(options[0]);
    }
}
