package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same conversation of etcd's own command line with three new nodes of etcd and with three of ours: what it prints, where it
 * prints it and with which exit code it ends are the same, but for numbers that name members, leases and terms.
 */
final class EtcdctlTranscriptTest {

    @TempDir
    private Path directory;

    private String converse(Server server) throws Exception {
        try (Cluster cluster = server.start()) {
            EtcdctlConversation with = new EtcdctlConversation(cluster.endpoints(), directory, List.of());
            keys(with);
            transactions(with);
            history(with);
            leases(with);
            users(with);
            others(with);
            return with.transcript();
        }
    }

    private static void keys(EtcdctlConversation with) throws Exception {
        with.type("put", "a", "1");
        with.type("put", "a", "2", "--prev-kv");
        with.type("put", "b", "0", "-w", "json");
        with.typed("from standard input", "put", "c");
        with.type("put", "", "x");
        with.type("put", "missing", "--ignore-value");
        with.type("put", "a", "x", "--ignore-value");
        with.type("get", "a");
        with.type("get", "a", "--print-value-only");
        with.type("get", "a", "-w", "json");
        with.type("get", "a", "-w", "fields");
        with.type("get", "a", "--rev=2");
        with.type("get", "a", "--rev=1000");
        with.type("get", "nothing");
        with.type("get", "", "--prefix", "--keys-only");
        with.type("get", "", "--prefix", "--sort-by=VALUE", "--order=DESCEND", "--limit=2");
        with.type("get", "", "--prefix", "--count-only", "-w", "fields");
        with.type("get", "b", "--from-key", "--print-value-only");
        with.type("get", "a", "c", "--hex");
        with.type("del", "nothing");
        with.type("del", "a", "--prev-kv");
        with.type("del", "", "--prefix", "-w", "json");
    }

    private static void transactions(EtcdctlConversation with) throws Exception {
        String txn = "value(\"t\") = \"1\"\n\nput t 2\nget t\n\nput t 1\n\n";
        with.typed(txn, "txn");
        with.typed(txn, "txn");
        with.typed("mod(\"t\") > \"0\"\nversion(\"t\") < \"100\"\ncreate(\"t\") > \"0\"\n\ndel t\n\n\n", "txn");
        with.typed("\nput d 1\nput d 2\n\n\n", "txn");
        with.typed(txn, "txn", "-w", "json");
    }

    private static void history(EtcdctlConversation with) throws Exception {
        with.watch(16, "watch", "t", "--prev-kv", "--rev=2");
        with.type("compaction", "5");
        with.type("compaction", "5");
        with.type("compaction", "5000");
        with.type("get", "a", "--rev=3");
        with.type("watch", "a", "--rev=3");
    }

    private static void leases(EtcdctlConversation with) throws Exception {
        with.type("lease", "grant", "600");
        with.type("put", "leased", "x", "--lease=LEASE");
        with.type("lease", "timetolive", "LEASE", "--keys");
        with.type("lease", "keep-alive", "--once", "LEASE");
        with.type("lease", "list");
        with.type("lease", "revoke", "LEASE");
        with.type("lease", "revoke", "LEASE");
        with.type("lease", "timetolive", "LEASE");
        with.type("lease", "keep-alive", "--once", "LEASE");
        with.type("put", "leased", "x", "--lease=1234");
        with.type("lease", "grant", "100000000000");
        with.type("get", "leased");
    }

    private static void users(EtcdctlConversation with) throws Exception {
        with.type("auth", "enable");
        with.type("user", "add", "root:rootpw");
        with.type("user", "add", "root:rootpw");
        with.type("role", "add", "root");
        with.type("user", "grant-role", "root", "root");
        with.type("user", "add", "jane:janepw");
        with.type("role", "add", "readers");
        with.type("role", "add", "readers");
        with.type("role", "grant-permission", "readers", "read", "p/", "--prefix=true");
        with.type("role", "grant-permission", "readers", "readwrite", "one");
        with.type("role", "grant-permission", "nobody", "read", "x");
        with.type("user", "grant-role", "jane", "readers");
        with.type("user", "grant-role", "jane", "nothing");
        with.type("role", "get", "readers");
        with.type("role", "list");
        with.type("user", "get", "jane");
        with.type("user", "get", "jane", "--detail");
        with.type("user", "list");
        with.type("auth", "enable");
        with.type("get", "p/a");
        with.type("get", "p/a", "--user=jane:janepw");
        with.type("get", "q", "--user=jane:janepw");
        with.type("put", "p/a", "1", "--user=jane:janepw");
        with.type("put", "one", "1", "--user=jane:janepw");
        with.type("user", "list", "--user=jane:janepw");
        with.type("get", "p/a", "--user=jane:wrong");
        with.type("get", "p/a", "--user=nobody:x");
        with.type("user", "delete", "root", "--user=root:rootpw");
        with.type("role", "revoke-permission", "readers", "one", "--user=root:rootpw");
        with.type("put", "one", "2", "--user=jane:janepw");
        with.type("auth", "disable", "--user=root:rootpw");
        with.type("user", "revoke-role", "jane", "readers");
        with.type("user", "delete", "jane");
        with.type("user", "delete", "jane");
        with.type("role", "delete", "readers");
        with.type("role", "get", "readers");
    }

    private static void others(EtcdctlConversation with) throws Exception {
        with.type("alarm", "list");
        with.type("alarm", "disarm");
        with.type("defrag");
        with.type("lock", "resource", "echo", "held");
        with.type("member", "remove", "1234");
        with.type("member", "promote", "1234");
        with.type("move-leader", "1234");
        with.type("get", "", "--prefix");
    }

    @Test
    void theClientCannotTellUsFromEtcd() throws Exception {
        String noServer = Server.ETCD.whyNot();
        assumeTrue(noServer == null, noServer);
        String noClient = EtcdctlConversation.whyNot();
        assumeTrue(noClient == null, noClient);

        String etcds = converse(Server.ETCD);
        String ours = converse(Server.QUORATE);

        assertTrue(etcds.lines().filter(line -> line.startsWith("$ ")).count() > 80);
        assertEquals(etcds, ours);
    }
}
