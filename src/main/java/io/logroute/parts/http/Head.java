package io.logroute.parts.http;

import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// The head of a request (RFC 9112, sections 3 to 6), names of headers in lower case. What could
/// be read in two ways is refused.
///
/// @param query what follows the first `?`, as it was sent; empty without
/// @param length bytes of the body as it is sent; -1 when it comes in chunks
record Head(String method, String path, String query, boolean old, Map<String, String> headers, long length) {
    private static final int MAX_LINE = 8 << 10;
    private static final int MAX_HEADERS = 100;
    private static final Pattern REQUEST_LINE = Pattern.compile("([!-~]+) ([!-~]+) HTTP/(\\d)\\.(\\d)");
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    static Head read(Wire wire) throws IOException, Refusal {
        var line = wire.line(MAX_LINE);
        if (line != null && line.isEmpty()) {
            line = wire.line(MAX_LINE);
        }
        if (line == null) {
            throw malformed("the request line is longer than " + MAX_LINE + " bytes, or not whole");
        }
        var request = REQUEST_LINE.matcher(line);
        if (!request.matches()) {
            throw malformed("the request line is not METHOD /path HTTP/1.1");
        }
        if (!request.group(3).equals("1")) {
            throw new Refusal("malformed", Reply.problem(505, "this is an HTTP/1.1 server"));
        }
        var headers = headers(wire);
        boolean old = request.group(4).equals("0");
        var target = request.group(2);
        int mark = target.indexOf('?');
        return new Head(
                request.group(1),
                path(mark < 0 ? target : target.substring(0, mark)),
                mark < 0 ? "" : target.substring(mark + 1),
                old,
                headers,
                length(headers, old));
    }

    private static Map<String, String> headers(Wire wire) throws IOException, Refusal {
        var headers = new HashMap<String, String>();
        for (int i = 0; i <= MAX_HEADERS; i++) {
            var line = wire.line(MAX_LINE);
            if (line == null) {
                throw new Refusal(
                        "malformed",
                        Reply.problem(431, "a header is longer than " + MAX_LINE + " bytes, or the head is not whole"));
            }
            if (line.isEmpty()) {
                return headers;
            }
            int colon = line.indexOf(':');
            if (colon < 1 || !NAME.matcher(line.substring(0, colon)).matches()) {
                throw malformed("a header is not Name: value");
            }
            var name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            var value = line.substring(colon + 1).strip();
            headers.merge(name, value, (one, other) -> one + ", " + other);
        }
        throw new Refusal("malformed", Reply.problem(431, "more than " + MAX_HEADERS + " headers"));
    }

    /// Without scheme and host where a client writes them.
    private static String path(String path) {
        if (path.startsWith("/")) {
            return path;
        }
        int host = path.indexOf("://");
        int slash = host < 0 ? -1 : path.indexOf('/', host + 3);
        return slash < 0 ? "/" : path.substring(slash);
    }

    private static long length(Map<String, String> headers, boolean old) throws Refusal {
        var coding = headers.get("transfer-encoding");
        var length = headers.get("content-length");
        if (coding != null) {
            if (length != null || old) {
                throw malformed("Transfer-Encoding does not go with Content-Length, nor with HTTP/1.0");
            }
            if (!coding.equalsIgnoreCase("chunked")) {
                throw new Refusal("malformed", Reply.problem(501, "Transfer-Encoding may be chunked, nothing else"));
            }
            return -1;
        }
        if (length == null) {
            return 0;
        }
        if (!length.matches("\\d{1,18}")) {
            throw malformed("Content-Length is no number");
        }
        return Long.parseLong(length);
    }

    private static Refusal malformed(String what) {
        return new Refusal("malformed", Reply.problem(400, what));
    }

    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    boolean keepAlive() {
        var connection = header("connection").toLowerCase(Locale.ROOT);
        return old ? connection.contains("keep-alive") : !connection.contains("close");
    }

    boolean expectsContinue() {
        return !old && header("expect").equalsIgnoreCase("100-continue");
    }
}
