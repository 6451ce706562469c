package dev.quorate.kv.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.raft.transport.netty.tls.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JwtTokensTest {

    private static final Duration TTL = Duration.ofMinutes(5);

    @TempDir
    Path directory = Path.of("");

    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

    private JwtTokens tokens(String method, Path privateKey, Path publicKey) throws IOException {
        return JwtTokens.load(
                new JwtOptions(method, privateKey, method.startsWith("HS") ? null : publicKey, TTL), () -> now);
    }

    private Path write(String name, String label, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                directory.resolve(name),
                "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
    }

    /** The private key's file; the public key's is beside it. */
    private Path keys(String name, String kind) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
        if (kind.equals("EC")) {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        } else if (kind.equals("RSA")) {
            generator.initialize(2048);
        }
        KeyPair pair = generator.generateKeyPair();
        write(name + ".pub", "PUBLIC KEY", pair.getPublic().getEncoded());
        return write(name + ".key", "PRIVATE KEY", pair.getPrivate().getEncoded());
    }

    private Path secret() throws IOException {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return Files.write(directory.resolve("secret"), bytes);
    }

    private static KvError refusal(JwtTokens tokens, String token) {
        return assertThrows(KvException.class, () -> tokens.caller(token, AuthState.NEW))
                .error();
    }

    @ParameterizedTest
    @CsvSource({"RS256,RSA", "PS256,RSA", "ES256,EC", "EdDSA,Ed25519"})
    void aTokenSaysWhoseItIsAndAsOfWhen(String method, String kind) throws Exception {
        JwtTokens tokens = tokens(method, keys("own", kind), directory.resolve("own.pub"));

        assertEquals(new Caller("alice", 7), tokens.caller(tokens.issue("alice", 7), AuthState.NEW));
    }

    @Test
    void membersWithTheSameSecretAcceptEachOthersTokens() throws Exception {
        Path secret = secret();

        String token = tokens("HS256", secret, secret).issue("alice", 7);

        assertEquals(new Caller("alice", 7), tokens("HS256", secret, secret).caller(token, AuthState.NEW));
    }

    @Test
    void aTokenEnds() throws Exception {
        JwtTokens tokens = tokens("ES256", keys("own", "EC"), directory.resolve("own.pub"));
        String token = tokens.issue("alice", 7);

        now = now.plus(TTL).minusSeconds(1);
        assertEquals("alice", tokens.caller(token, AuthState.NEW).user());

        now = now.plusSeconds(1);
        assertEquals(KvError.INVALID_AUTH_TOKEN, refusal(tokens, token));
    }

    @ParameterizedTest
    @CsvSource({"RS256,RSA", "ES256,EC", "EdDSA,Ed25519"})
    void aTokenThatSomebodyElseHasSignedIsWorthNothing(String method, String kind) throws Exception {
        JwtTokens tokens = tokens(method, keys("own", kind), directory.resolve("own.pub"));
        JwtTokens others = tokens(method, keys("other", kind), directory.resolve("other.pub"));

        assertEquals(KvError.INVALID_AUTH_TOKEN, refusal(tokens, others.issue("root", 7)));
    }

    @ParameterizedTest
    @CsvSource({"RS256,RSA", "ES256,EC", "EdDSA,Ed25519"})
    void aTokenWhoseSignatureIsCutOffOrWhoseClaimsWereChangedIsWorthNothing(String method, String kind)
            throws Exception {
        JwtTokens tokens = tokens(method, keys("own", kind), directory.resolve("own.pub"));
        String[] alice = tokens.issue("alice", 7).split("\\.", -1);
        String[] root = tokens.issue("root", 7).split("\\.", -1);

        assertEquals(KvError.INVALID_AUTH_TOKEN, refusal(tokens, alice[0] + "." + root[1] + "." + alice[2]));
        assertEquals(
                KvError.INVALID_AUTH_TOKEN, refusal(tokens, alice[0] + "." + alice[1] + "." + alice[2].substring(4)));
        assertEquals(KvError.INVALID_AUTH_TOKEN, refusal(tokens, alice[0] + "." + alice[1] + "."));
    }

    @Test
    void aTokenThatDemandsMoreThanIsUnderstoodIsWorthNothing() throws Exception {
        Path own = keys("own", "Ed25519");
        JwtTokens tokens = tokens("EdDSA", own, directory.resolve("own.pub"));
        SignedJWT demanding = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.EdDSA)
                        .criticalParams(Set.of("only-on-mondays"))
                        .build(),
                new JWTClaimsSet.Builder()
                        .claim("username", "root")
                        .claim("revision", 7)
                        .expirationTime(Date.from(now.plus(TTL)))
                        .build());
        demanding.sign(Ed25519.signer(Pem.privateKey(own)));

        assertEquals(KvError.INVALID_AUTH_TOKEN, refusal(tokens, demanding.serialize()));
    }

    @Test
    void aMemberWithThePublicKeyAloneVerifiesAndDoesNotSign() throws Exception {
        Path own = keys("own", "EC");
        JwtTokens signs = tokens("ES256", own, directory.resolve("own.pub"));
        JwtTokens verifies =
                JwtTokens.load(new JwtOptions("ES256", null, directory.resolve("own.pub"), TTL), () -> now);

        assertEquals(new Caller("alice", 7), verifies.caller(signs.issue("alice", 7), AuthState.NEW));
        assertEquals(
                KvError.VERIFIES_ONLY,
                assertThrows(KvException.class, () -> verifies.issue("alice", 7))
                        .error());
    }

    @Test
    void whatAMethodNeedsIsSaid() {
        Path file = Path.of("key");

        assertRefused("needs pub-key beside priv-key", () -> new JwtOptions("RS256", file, null, TTL));
        assertRefused("EdDSA needs pub-key", () -> new JwtOptions("EdDSA", null, null, TTL));
        assertRefused("leave out pub-key", () -> new JwtOptions("HS256", file, file, TTL));
        assertRefused("HS256 needs its secret, priv-key", () -> new JwtOptions("HS256", null, null, TTL));
        assertRefused("none is none of", () -> new JwtOptions("none", file, file, TTL));
    }

    private static void assertRefused(String text, org.junit.jupiter.api.function.Executable making) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, making).getMessage());
        assertTrue(message.contains(text), message);
    }

    @Test
    void aTokenDoesNotChooseTheMethod() throws Exception {
        JwtTokens tokens = tokens("RS256", keys("own", "RSA"), directory.resolve("own.pub"));
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .claim("username", "root")
                .claim("revision", 7)
                .expirationTime(Date.from(now.plus(TTL)))
                .build();
        SignedJWT byPublicKey = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
        byPublicKey.sign(new MACSigner(Files.readAllBytes(directory.resolve("own.pub"))));

        assertEquals(KvError.INVALID_AUTH_TOKEN, refusal(tokens, byPublicKey.serialize()));
        assertEquals(KvError.INVALID_AUTH_TOKEN, refusal(tokens, new PlainJWT(claims).serialize()));
    }

    @Test
    void aTokenWithoutAnEndOrAUserOrARevisionIsWorthNothing() throws Exception {
        Path secret = secret();
        JwtTokens tokens = tokens("HS256", secret, secret);
        JWTClaimsSet.Builder endless =
                new JWTClaimsSet.Builder().claim("username", "root").claim("revision", 7);
        JWTClaimsSet.Builder nameless =
                new JWTClaimsSet.Builder().claim("revision", 7).expirationTime(Date.from(now.plus(TTL)));
        JWTClaimsSet.Builder timeless =
                new JWTClaimsSet.Builder().claim("username", "root").expirationTime(Date.from(now.plus(TTL)));

        for (JWTClaimsSet.Builder claims : new JWTClaimsSet.Builder[] {endless, nameless, timeless}) {
            SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims.build());
            token.sign(new MACSigner(Files.readAllBytes(secret)));
            assertEquals(KvError.INVALID_AUTH_TOKEN, refusal(tokens, token.serialize()));
        }
    }

    @Test
    void whatIsNoTokenIsRefused() throws Exception {
        Path secret = secret();
        JwtTokens tokens = tokens("HS256", secret, secret);

        for (String text : new String[] {"", "a.b.c", "AbCdEfGhIjKlMnOp.12", "x".repeat(100_000)}) {
            assertEquals(KvError.INVALID_AUTH_TOKEN, refusal(tokens, text));
        }
    }

    @Test
    void keysThatDoNotFitAreNamedAtTheStart() throws Exception {
        Path rsa = keys("rsa", "RSA");
        Path curve = keys("ec", "EC");
        Path shortSecret = Files.write(directory.resolve("short"), "abc".getBytes(StandardCharsets.US_ASCII));

        keys("other", "RSA");
        keys("long", "Ed448");

        assertSaid("do not belong together", () -> tokens("RS256", rsa, directory.resolve("other.pub")));
        assertSaid("tokens take RSA, EC and Ed25519", () -> tokens("EdDSA", rsa, directory.resolve("long.pub")));
        assertSaid("none for sign-method RS256", () -> tokens("RS256", curve, directory.resolve("ec.pub")));
        assertSaid("cannot be used to sign", () -> tokens("HS256", shortSecret, shortSecret));
        assertSaid("missing", () -> tokens("RS256", directory.resolve("nothing"), directory.resolve("rsa.pub")));
    }

    private static void assertSaid(String text, org.junit.jupiter.api.function.Executable loading) {
        String message = String.valueOf(assertThrows(IOException.class, loading).getMessage());
        assertTrue(message.contains(text), message);
    }
}
