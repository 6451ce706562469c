package dev.quorate.kv.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSProvider;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.raft.transport.netty.tls.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that say themselves whose they are, signed by a member (RFC 7519, with etcd's claims {@code username}, {@code revision} and
 * {@code exp}). Nothing is kept of them, so no member has to hear of them. A token has the auth revision under which it was issued:
 * any later change of users, roles or permissions, a new password among them, makes it an old one, and its owner authenticates again.
 */
public final class JwtTokens implements Tokens {

    private static final String USER = "username";
    private static final String REVISION = "revision";

    /** A token of ours has some hundreds. */
    private static final int MAX_TOKEN_CHARS = 8 << 10;

    private final JWSHeader header;
    private final @Nullable JWSSigner signer;
    private final JWSVerifier verifier;
    private final long ttlSeconds;
    private final InstantSource clock;

    private JwtTokens(
            JWSHeader header, @Nullable JWSSigner signer, JWSVerifier verifier, long ttlSeconds, InstantSource clock) {
        this.header = header;
        this.signer = signer;
        this.verifier = verifier;
        this.ttlSeconds = ttlSeconds;
        this.clock = clock;
    }

    /**
     * Reads the keys.
     *
     * @param clock the world's time: a token ends at a moment that all members agree on
     * @throws IOException in one line, if a key cannot be used, or does not fit the method or the other key
     */
    public static JwtTokens load(JwtOptions options, InstantSource clock) throws IOException {
        JWSAlgorithm algorithm = JWSAlgorithm.parse(options.signMethod());
        Path publicKeyFile = options.publicKeyFile();
        Path privateKeyFile = options.privateKeyFile();
        JWSSigner signer = null;
        JWSVerifier verifier;
        if (publicKeyFile != null) {
            PublicKey known = Pem.publicKey(publicKeyFile);
            verifier = verifier(known, publicKeyFile);
            requireFit(verifier, options, publicKeyFile);
            if (privateKeyFile != null) {
                signer = signer(privateKeyFile, known, publicKeyFile);
            }
        } else {
            Path secretFile = Objects.requireNonNull(privateKeyFile, "a method has one file at least");
            byte[] secret = Files.readAllBytes(secretFile);
            try {
                signer = new MACSigner(secret);
                verifier = new MACVerifier(secret);
            } catch (JOSEException e) {
                throw new IOException(secretFile + " cannot be used to sign: " + e.getMessage(), e);
            }
            requireFit(signer, options, secretFile);
        }
        return new JwtTokens(
                new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).build(),
                signer,
                verifier,
                options.ttl().toSeconds(),
                clock);
    }

    private static void requireFit(JWSProvider provider, JwtOptions options, Path file) throws IOException {
        if (!provider.supportedJWSAlgorithms().contains(JWSAlgorithm.parse(options.signMethod()))) {
            throw new IOException(
                    "the key in " + file + " is none for sign-method " + options.signMethod() + ", but for "
                            + provider.supportedJWSAlgorithms().stream()
                                    .map(JWSAlgorithm::getName)
                                    .sorted()
                                    .toList());
        }
    }

    private static JWSSigner signer(Path file, PublicKey known, Path publicKeyFile) throws IOException {
        PrivateKey own = Pem.privateKey(file);
        if (!Pem.belong(own, known)) {
            throw new IOException("the keys in " + file + " and " + publicKeyFile + " do not belong together");
        }
        if (Ed25519.has(own)) {
            return Ed25519.signer(own);
        }
        try {
            return own instanceof ECPrivateKey curve ? new ECDSASigner(curve) : new RSASSASigner(own);
        } catch (JOSEException e) {
            throw new IOException(file + " cannot be used to sign: " + e.getMessage(), e);
        }
    }

    private static JWSVerifier verifier(PublicKey key, Path file) throws IOException {
        if (Ed25519.has(key)) {
            return Ed25519.verifier(key);
        }
        if (key instanceof RSAPublicKey rsa) {
            return new RSASSAVerifier(rsa);
        }
        if (!(key instanceof ECPublicKey curve)) {
            throw new IOException(
                    file + " has a key of kind " + key.getAlgorithm() + "; tokens take RSA, EC and Ed25519");
        }
        try {
            return new ECDSAVerifier(curve);
        } catch (JOSEException e) {
            throw new IOException(file + " cannot be used to verify: " + e.getMessage(), e);
        }
    }

    @Override
    public String issue(String user, long revision) throws KvException {
        if (signer == null) {
            throw new KvException(KvError.VERIFIES_ONLY);
        }
        SignedJWT token = new SignedJWT(
                header,
                new JWTClaimsSet.Builder()
                        .claim(USER, user)
                        .claim(REVISION, revision)
                        .expirationTime(Date.from(clock.instant().plusSeconds(ttlSeconds)))
                        .build());
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("a token cannot be signed with a key that fitted at the start", e);
        }
        return token.serialize();
    }

    @Override
    public boolean mustBeAccepted() {
        return false;
    }

    @Override
    public void accept(
            String token, String user) {} // a member with simple tokens has proposed it; all should have the same kind

    /** Of the token's own revision: the caller is refused where it is an old one. */
    @Override
    public Caller caller(String token, AuthState state) throws KvException {
        try {
            if (token.length() <= MAX_TOKEN_CHARS) {
                SignedJWT parsed = SignedJWT.parse(token);
                // Never the method that the token asks for: "none", or HMAC with the public key, would be signed by
                // anybody.
                if (header.getAlgorithm().equals(parsed.getHeader().getAlgorithm()) && parsed.verify(verifier)) {
                    return caller(parsed.getJWTClaimsSet());
                }
            }
        } catch (ParseException | JOSEException e) {
            throw new KvException(KvError.INVALID_AUTH_TOKEN);
        }
        throw new KvException(KvError.INVALID_AUTH_TOKEN);
    }

    private Caller caller(JWTClaimsSet claims) throws KvException, ParseException {
        String user = claims.getStringClaim(USER);
        Long revision = claims.getLongClaim(REVISION);
        Date end = claims.getExpirationTime();
        if (user == null || user.isEmpty() || revision == null || end == null) {
            throw new KvException(KvError.INVALID_AUTH_TOKEN);
        }
        Instant now = clock.instant();
        if (!now.isBefore(end.toInstant())) {
            throw new KvException(KvError.INVALID_AUTH_TOKEN);
        }
        return new Caller(user, revision);
    }

    @Override
    public void forget(String user) {} // the auth revision has changed with the user

    @Override
    public void forgetAll() {} // nobody needs them, and when somebody does again, the auth revision is another
}
