package dev.quorate.kv.cli;

import dev.quorate.kv.api.KeyValue;
import dev.quorate.kv.api.ResponseHeader;
import dev.quorate.kv.cli.output.JsonWriter;

/** The JSON of what several answers carry. */
final class KeyValues {

    private KeyValues() {}

    static void header(JsonWriter json, ResponseHeader header) {
        json.objectField(
                "header",
                object -> object.idField("clusterId", header.getClusterId())
                        .idField("memberId", header.getMemberId())
                        .field("revision", header.getRevision())
                        .field("raftTerm", header.getRaftTerm()));
    }

    static void members(JsonWriter json, KeyValue kv) {
        json.field("key", kv.getKey())
                .field("value", kv.getValue())
                .field("createRevision", kv.getCreateRevision())
                .field("modRevision", kv.getModRevision())
                .field("version", kv.getVersion());
        if (kv.getLease() != 0) {
            json.idField("lease", kv.getLease());
        }
    }
}
