package dev.quorate.kv.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECKey;
import java.security.spec.NamedParameterSpec;
import java.util.Set;

/**
 * Signatures of method EdDSA with the curve Ed25519 (RFC 8037 §3.1) by the JDK's own provider; those of the token library would
 * bring another cryptographic library with them. Any thread.
 */
final class Ed25519 {

    private static final Set<JWSAlgorithm> METHODS = Set.of(JWSAlgorithm.EdDSA);
    private static final String CURVE = NamedParameterSpec.ED25519.getName();

    private Ed25519() {}

    /** Whether a key, private or public, is of this curve: the JDK has Ed448 under the same name of an algorithm. */
    static boolean has(Object key) {
        return key instanceof EdECKey edwards && edwards.getParams().getName().equals(CURVE);
    }

    static JWSSigner signer(PrivateKey key) {
        return new Signer(key);
    }

    static JWSVerifier verifier(PublicKey key) {
        return new Verifier(key);
    }

    private static final class Signer extends BaseJWSProvider implements JWSSigner {
        private final PrivateKey key;

        Signer(PrivateKey key) {
            super(METHODS);
            this.key = key;
        }

        @Override
        public Base64URL sign(JWSHeader header, byte[] text) throws JOSEException {
            try {
                Signature signature = Signature.getInstance(CURVE);
                signature.initSign(key);
                signature.update(text);
                return Base64URL.encode(signature.sign());
            } catch (GeneralSecurityException e) {
                throw new JOSEException(e.getMessage(), e);
            }
        }
    }

    private static final class Verifier extends BaseJWSProvider implements JWSVerifier {
        private final PublicKey key;

        Verifier(PublicKey key) {
            super(METHODS);
            this.key = key;
        }

        @Override
        public boolean verify(JWSHeader header, byte[] text, Base64URL signed) throws JOSEException {
            if (header.getCriticalParams() != null
                    && !header.getCriticalParams().isEmpty()) {
                return false; // RFC 7515 §4.1.11: what must be understood, and is not
            }
            try {
                Signature signature = Signature.getInstance(CURVE);
                signature.initVerify(key);
                signature.update(text);
                return signature.verify(signed.decode());
            } catch (SignatureException e) {
                return false; // not of the length or form of a signature
            } catch (GeneralSecurityException e) {
                throw new JOSEException(e.getMessage(), e);
            }
        }
    }
}
