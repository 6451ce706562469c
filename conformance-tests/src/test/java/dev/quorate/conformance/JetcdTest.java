package dev.quorate.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * What a Java program that was written for etcd does, with the client that most of them use: every service of jetcd, at our nodes and at
 * etcd's. Not among the {@link ConformanceChecks}, whose liar stands in the way of our own client only; here it is etcd that proves the
 * checks.
 */
@ParameterizedClass(name = "{0}")
@ArgumentsSource(Servers.class)
@ExtendWith(SharedClusters.class)
final class JetcdTest extends Checks {

    private static final long PATIENCE_SECONDS = 20;

    private Client client;

    JetcdTest(Server server) {
        super(server);
    }

    @BeforeEach
    void connect() {
        client = builder().build();
    }

    private io.etcd.jetcd.ClientBuilder builder() {
        return Client.builder()
                .endpoints(cluster().endpoints().stream()
                        .map(endpoint -> "http://" + endpoint)
                        .toArray(String[]::new));
    }

    @AfterEach
    void close() {
        client.close();
    }

    private ByteSequence name(String name) {
        return ByteSequence.from(key(name));
    }

    private static ByteSequence text(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static List<String> texts(List<KeyValue> pairs) {
        return pairs.stream().map(pair -> pair.getValue().toString(UTF_8)).toList();
    }

    private long put(String key, String value) throws Exception {
        return await(client.getKVClient().put(name(key), text(value)))
                .getHeader()
                .getRevision();
    }

    @Test
    void keysAreWrittenReadSortedAndDeleted() throws Exception {
        KV kv = client.getKVClient();
        put("a", "3");
        long second = put("b", "1");
        put("c", "2");
        put("b", "9");
        GetOption.Builder all = GetOption.builder().isPrefix(true);

        assertEquals(
                List.of("3", "9", "2"),
                texts(await(kv.get(name(""), all.build())).getKvs()));
        assertEquals(
                List.of("9", "3"),
                texts(await(kv.get(
                                name(""),
                                all.withSortField(GetOption.SortTarget.VALUE)
                                        .withSortOrder(GetOption.SortOrder.DESCEND)
                                        .withLimit(2)
                                        .build()))
                        .getKvs()));
        assertEquals(
                List.of("1"),
                texts(await(kv.get(
                                name("b"),
                                GetOption.builder().withRevision(second).build()))
                        .getKvs()));
        var deleted = await(kv.delete(
                name(""), DeleteOption.builder().isPrefix(true).withPrevKV(true).build()));
        assertEquals(3, deleted.getDeleted());
        assertEquals(List.of("3", "9", "2"), texts(deleted.getPrevKvs()));
        assertEquals(0, await(kv.get(name("a"))).getCount());
    }

    @Test
    void aTransactionTakesOneOfItsBranches() throws Exception {
        put("k", "old");
        Cmp isOld = new Cmp(name("k"), Cmp.Op.EQUAL, CmpTarget.value(text("old")));

        for (boolean expected : List.of(true, false)) {
            TxnResponse response = await(client.getKVClient()
                    .txn()
                    .If(isOld)
                    .Then(Op.put(name("k"), text("new"), PutOption.DEFAULT))
                    .Else(Op.get(name("k"), GetOption.DEFAULT))
                    .commit());

            assertEquals(expected, response.isSucceeded());
            assertEquals(
                    expected ? List.of() : List.of("new"),
                    response.getGetResponses().stream()
                            .flatMap(get -> texts(get.getKvs()).stream())
                            .toList());
        }
    }

    @Test
    void whatIsCompactedIsToldAsSuch() throws Exception {
        long first = put("k", "1");
        long second = put("k", "2");
        await(client.getKVClient().compact(second));

        ExecutionException refusal = assertThrows(
                ExecutionException.class,
                () -> await(client.getKVClient()
                        .get(name("k"), GetOption.builder().withRevision(first).build())));

        assertTrue(
                String.valueOf(refusal.getMessage()).contains("required revision has been compacted"),
                refusal::getMessage);
    }

    @Test
    void aWatchShowsThePastAndThenWhatHappens() throws Exception {
        long first = put("w/a", "1");
        BlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
        WatchOption option = WatchOption.builder()
                .withRevision(first)
                .isPrefix(true)
                .withPrevKV(true)
                .build();
        Watch.Watcher watcher = client.getWatchClient()
                .watch(name("w/"), option, Watch.listener(response -> events.addAll(response.getEvents())));
        try {
            put("w/b", "2");
            await(client.getKVClient().delete(name("w/a")));

            List<String> seen = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                WatchEvent event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertTrue(event != null, () -> "after " + seen);
                seen.add(event.getEventType() + " "
                        + event.getKeyValue().getValue().toString(UTF_8) + " before "
                        + event.getPrevKV().getValue().toString(UTF_8));
            }
            assertEquals(List.of("PUT 1 before ", "PUT 2 before ", "DELETE  before 1"), seen);
        } finally {
            watcher.close();
        }
    }

    @Test
    void aLeaseIsKeptAndTakesItsKeysWithIt() throws Exception {
        long lease = await(client.getLeaseClient().grant(60)).getID();
        await(client.getKVClient()
                .put(
                        name("leased"),
                        text("x"),
                        PutOption.builder().withLeaseId(lease).build()));

        assertEquals(60, await(client.getLeaseClient().keepAliveOnce(lease)).getTTL());
        LeaseTimeToLiveResponse left = await(client.getLeaseClient()
                .timeToLive(lease, LeaseOption.builder().withAttachedKeys().build()));
        assertEquals(60, left.getGrantedTTL());
        assertTrue(left.getTTL() > 50 && left.getTTL() <= 60, () -> "TTL " + left.getTTL());
        assertEquals(List.of(name("leased")), left.getKeys());
        await(client.getLeaseClient().revoke(lease));
        assertEquals(0, await(client.getKVClient().get(name("leased"))).getCount());
    }

    @Test
    void aLockIsHeldByOne() throws Exception {
        long one = await(client.getLeaseClient().grant(60)).getID();
        long other = await(client.getLeaseClient().grant(60)).getID();
        ByteSequence held =
                await(client.getLockClient().lock(name("lock"), one)).getKey();
        CompletableFuture<ByteSequence> waiting =
                client.getLockClient().lock(name("lock"), other).thenApply(response -> response.getKey());
        assertEquals(1, await(client.getKVClient().get(held)).getCount());
        assertTrue(!waiting.isDone());

        await(client.getLockClient().unlock(held));

        assertTrue(await(waiting).startsWith(name("lock")));
        await(client.getLeaseClient().revoke(one));
        await(client.getLeaseClient().revoke(other));
    }

    @Test
    void oneIsElectedAndTheNextWhenItResigns() throws Exception {
        long one = await(client.getLeaseClient().grant(60)).getID();
        long other = await(client.getLeaseClient().grant(60)).getID();
        Election election = client.getElectionClient();
        BlockingQueue<String> leaders = new LinkedBlockingQueue<>();
        LeaderKey first =
                await(election.campaign(name("e"), one, text("first"))).getLeader();
        election.observe(name("e"), new Election.Listener() {
            @Override
            public void onNext(LeaderResponse response) {
                leaders.add(response.getKv().getValue().toString(UTF_8));
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        });
        assertEquals("first", leaders.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
        CompletableFuture<?> second = election.campaign(name("e"), other, text("second"));

        await(election.proclaim(first, text("first, again")));
        assertEquals("first, again", leaders.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
        await(election.resign(first));

        await(second);
        assertEquals("second", leaders.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertEquals(
                "second", await(election.leader(name("e"))).getKv().getValue().toString(UTF_8));
        await(client.getLeaseClient().revoke(one));
        await(client.getLeaseClient().revoke(other));
    }

    @Test
    void whoHasNoPermissionIsRefused() throws Exception {
        var auth = client.getAuthClient();
        ByteSequence root = text("root");
        await(auth.userAdd(root, text("rootpw")));
        await(auth.roleAdd(root));
        await(auth.userGrantRole(root, root));
        await(auth.userAdd(text("jane"), text("janepw")));
        await(auth.roleAdd(text("readers")));
        await(auth.roleGrantPermission(
                text("readers"), name("p/"), ByteSequence.from(end(key("p/"))), Permission.Type.READ));
        await(auth.userGrantRole(text("jane"), text("readers")));
        put("p/a", "1");
        await(auth.authEnable());
        try (Client asRoot = builder().user(root).password(text("rootpw")).build()) {
            try (Client asJane =
                    builder().user(text("jane")).password(text("janepw")).build()) {
                assertEquals(
                        List.of("1"),
                        texts(await(asJane.getKVClient().get(name("p/a"))).getKvs()));
                ExecutionException refusal = assertThrows(
                        ExecutionException.class,
                        () -> await(asJane.getKVClient().put(name("p/a"), text("2"))));
                assertTrue(String.valueOf(refusal.getMessage()).contains("permission denied"), refusal::getMessage);
            } finally {
                await(asRoot.getAuthClient().authDisable());
            }
        }
        for (String user : List.of("root", "jane")) {
            await(auth.userDelete(text(user)));
        }
        for (String role : List.of("root", "readers")) {
            await(auth.roleDelete(text(role)));
        }
    }

    @Test
    void theClusterTellsOfItself() throws Exception {
        assertEquals(
                Cluster.NODES,
                await(client.getClusterClient().listMember()).getMembers().size());
        long revision = put("k", "1");
        Set<Integer> hashes = new HashSet<>();
        Set<Long> leaders = new HashSet<>();
        for (String endpoint : cluster().endpoints()) {
            await(client.getKVClient().get(name("k"))); // whichever member answers, the others are close behind
            leaders.add(await(client.getMaintenanceClient().statusMember("http://" + endpoint))
                    .getLeader());
            hashes.add(hash("http://" + endpoint, revision));
        }
        assertEquals(1, leaders.size());
        assertEquals(1, hashes.size());
        assertEquals(
                List.of(), await(client.getMaintenanceClient().listAlarms()).getAlarms());
    }

    /** A member that has not applied the revision yet says that it is in the future. */
    private int hash(String endpoint, long revision) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try {
                return await(client.getMaintenanceClient().hashKV(endpoint, revision))
                        .getHash();
            } catch (ExecutionException e) {
                if (System.nanoTime() > deadline
                        || !String.valueOf(e.getMessage()).contains("future revision")) {
                    throw e;
                }
            }
        }
    }

    @Test
    void aSnapshotEndsWithItsChecksum() throws Exception {
        put("saved", "x");
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        await(client.getMaintenanceClient().snapshot(out));

        byte[] bytes = out.toByteArray();
        assertEquals(32, bytes.length % 512);
        var digest = java.security.MessageDigest.getInstance("SHA-256");
        digest.update(bytes, 0, bytes.length - 32);
        assertEquals(
                com.google.protobuf.ByteString.copyFrom(digest.digest()),
                com.google.protobuf.ByteString.copyFrom(Arrays.copyOfRange(bytes, bytes.length - 32, bytes.length)));
    }
}
