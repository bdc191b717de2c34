package io.logroute.parts.http;

import io.logroute.flow.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// An answer: status, headers of its own, and a body. Problems are `application/problem+json`
/// (RFC 9457).
record Reply(int status, Map<String, String> headers, String type, byte[] body) {
    static Reply stored(int events) {
        return json(200, "application/json", Map.of("stored", (long) events));
    }

    static Reply text(int status, String text) {
        return new Reply(status, Map.of(), "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    static Reply problem(int status, String detail) {
        return problem(status, detail, Map.of());
    }

    static Reply problem(int status, String detail, Map<String, Object> more) {
        var told = new LinkedHashMap<String, Object>();
        told.put("title", phrase(status));
        told.put("status", (long) status);
        told.put("detail", detail);
        told.putAll(more);
        return json(status, "application/problem+json", told);
    }

    static Reply json(int status, String type, Map<String, Object> told) {
        return new Reply(status, Map.of(), type, (Json.write(told) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    Reply with(String name, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, more, type, body);
    }

    static String phrase(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 201 -> "Created";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 413 -> "Content Too Large";
            case 415 -> "Unsupported Media Type";
            case 417 -> "Expectation Failed";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 501 -> "Not Implemented";
            case 503 -> "Service Unavailable";
            case 505 -> "HTTP Version Not Supported";
            default -> "Status " + status;
        };
    }
}
