package dev.quorate.kv.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How tokens are signed (RFC 7519). The same public key and method at all members.
 *
 * @param signMethod one of {@link #METHODS}
 * @param privateKeyFile what tokens are signed with: a private key as PEM (PKCS #8), or for HS… the secret as it is; null for
 *     a member that verifies what others have signed, and refuses to exchange a password for a token. Never null for HS…
 * @param publicKeyFile what they are verified with, as PEM; null exactly for HS…, where that is the secret too
 * @param ttl how long a token is worth something, at least 1 s
 */
public record JwtOptions(
        String signMethod,
        @Nullable Path privateKeyFile,
        @Nullable Path publicKeyFile,
        Duration ttl) {

    /** RFC 7518 §3.1, and RFC 8037 §3.1 with the curve Ed25519. */
    public static final Set<String> METHODS = Set.of(
            "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256", "HS384", "HS512",
            "EdDSA");

    /** As in etcd. */
    public static final Duration DEFAULT_TTL = Duration.ofMinutes(5);

    /** @throws IllegalArgumentException in one line, if a value is not usable or one is missing */
    public JwtOptions {
        if (!METHODS.contains(signMethod)) {
            throw new IllegalArgumentException("sign-method " + signMethod + " is none of "
                    + METHODS.stream().sorted().toList());
        }
        boolean isSecret = signMethod.startsWith("HS");
        if (isSecret != (publicKeyFile == null)) {
            throw new IllegalArgumentException(
                    isSecret
                            ? "sign-method " + signMethod + " has one secret, priv-key; leave out pub-key"
                            : "sign-method " + signMethod + " needs pub-key"
                                    + (privateKeyFile == null ? "" : " beside priv-key"));
        }
        if (isSecret && privateKeyFile == null) {
            throw new IllegalArgumentException("sign-method " + signMethod + " needs its secret, priv-key");
        }
        if (ttl.toSeconds() < 1) {
            throw new IllegalArgumentException("a ttl of " + ttl.toMillis() + " ms is too short; at least 1 s");
        }
    }
}
