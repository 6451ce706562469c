package dev.quorate.raft.transport.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.raft.model.EntryId;
import dev.quorate.raft.model.Membership;
import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.model.SnapshotMeta;
import dev.quorate.raft.transport.netty.tls.TlsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Members that show each other certificates, and those that cannot. */
@Timeout(60)
final class PeerTlsTest {

    private final NodeId host = Member.name("host");
    private final NodeId guest = Member.name("guest");
    private final Path directory;
    private final TestCertificates authority;

    PeerTlsTest(@TempDir Path directory) throws Exception {
        this.directory = directory;
        this.authority = new TestCertificates(directory, "authority");
    }

    private static Member start(NodeId id, TlsOptions tls) throws IOException {
        return Member.start(id, options -> options.tls(tls));
    }

    private static void isLogged(NodeId by, String... texts) throws Exception {
        Eventually.until(
                by + " logs " + String.join(" … ", texts),
                () -> CapturedLog.linesOf(by.value(), texts[0]).stream()
                        .anyMatch(line -> Arrays.stream(texts).allMatch(line::contains)));
    }

    @Test
    void membersOfOneAuthorityReachEachOther() throws Exception {
        try (Member one = start(host, authority.issue("host"));
                Member two = start(guest, authority.issue("guest"))) {
            Member.introduce(one, two);

            one.reaches(two);
            two.reaches(one);
        }
    }

    @Test
    void aMemberInClearIsRefusedAndBothSidesSayWhy() throws Exception {
        try (Member one = start(host, authority.issue("host"));
                Member two = Member.start(guest)) {
            Member.introduce(one, two);

            isLogged(host, "closed a connection from 127.0.0.1:", "it does not speak TLS, and this member does");
            isLogged(
                    host,
                    "cannot connect to " + guest); // which closes as soon as it sees that this is not its protocol
            isLogged(guest, "cannot connect to " + host);
            assertEquals(List.of(), two.heard().messages);
        }
    }

    @Test
    void aMemberOfAnotherAuthorityIsRefusedAndBothSidesSayWhy() throws Exception {
        TlsOptions strange = new TestCertificates(directory, "strangers").issue("guest");
        try (Member one = start(host, authority.issue("host"));
                Member two = start(guest, strange)) {
            Member.introduce(one, two);

            isLogged(host, "closed a connection from 127.0.0.1:", "TLS fails: ");
            isLogged(host, "cannot connect to " + guest, "TLS fails: ");
            isLogged(guest, "cannot connect to " + host, "TLS fails: ");
        }
    }

    @Test
    void aNewCertificateIsUsedForTheNextConnection() throws Exception {
        authority.issue("guest", Instant.now().minus(Duration.ofHours(1)));
        TlsOptions files = new TlsOptions(
                directory.resolve("authority/guest.crt"),
                directory.resolve("authority/guest.key"),
                directory.resolve("authority/ca.crt"),
                true);
        try (Member one = start(host, authority.issue("host"));
                Member two = start(guest, files)) {
            Member.introduce(one, two);
            isLogged(host, "cannot connect to " + guest, "TLS fails: ");

            authority.issue("guest");

            one.reaches(two);
            two.reaches(one);
        }
    }

    @Test
    void snapshotsTravelInsideTls() throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        byte[] content = new byte[3 * SnapshotSend.CHUNK_BYTES + 1];
        new Random(1).nextBytes(content);
        Files.write(source.resolve("file"), content);
        SnapshotMeta meta = new SnapshotMeta(new EntryId(100, 3), Membership.of(List.of(host, guest)));
        Path target = directory.resolve("target");
        try (Member one = start(host, authority.issue("host"));
                Member two = start(guest, authority.issue("guest"))) {
            one.heard().snapshot = source;
            Member.introduce(one, two);

            two.transport()
                    .fetchSnapshot(host, meta, new DirectoryReceiver(target))
                    .get(30, TimeUnit.SECONDS);

            assertEquals(-1, Files.mismatch(source.resolve("file"), target.resolve("file")));
        }
    }

    @Test
    void aFileThatCannotBeUsedIsNamedAtTheStart() throws Exception {
        TlsOptions files = authority.issue("host");
        Path key = directory.resolve("authority/host.key");
        Files.delete(key);

        IOException failure = assertThrows(IOException.class, () -> start(host, files));

        assertTrue(String.valueOf(failure.getMessage()).contains(key + " is missing"), failure.getMessage());
    }
}
