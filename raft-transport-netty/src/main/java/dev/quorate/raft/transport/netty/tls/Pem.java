package dev.quorate.raft.transport.netty.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys. What cannot be read is told in one line that names the file. */
final class Pem {

    /** A chain and a bundle of roots have some kilobytes; whoever names a disk image here has made a mistake. */
    private static final long MAX_FILE_BYTES = 1 << 20;

    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private static final Pattern KEY = Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END");

    private Pem() {}

    static X509Certificate[] certificates(Path file) throws IOException {
        try {
            X509Certificate[] found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(read(file)))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toArray(X509Certificate[]::new);
            if (found.length == 0) {
                throw new IOException(file + " has no certificate; it must begin with -----BEGIN CERTIFICATE-----");
            }
            return found;
        } catch (CertificateException e) {
            throw new IOException(file + " is no PEM file of certificates: " + e.getMessage(), e);
        }
    }

    /** The key of this certificate, and of no other. */
    static PrivateKey privateKey(Path file, X509Certificate certificate) throws IOException {
        Matcher matcher = KEY.matcher(new String(read(file), StandardCharsets.ISO_8859_1));
        if (!matcher.find()) {
            throw new IOException(file + " has no private key; it must have a line -----BEGIN PRIVATE KEY-----");
        }
        if (!matcher.group(1).isEmpty()) {
            throw new IOException(
                    file + " has a key in the form '" + matcher.group(1).strip()
                            + "'; write it as PKCS #8, without a password: openssl pkcs8 -topk8 -nocrypt -in " + file);
        }
        PrivateKey key = decode(file, matcher.group(2));
        if (!belong(key, certificate)) {
            throw new IOException("the key in " + file + " is not that of the certificate of "
                    + certificate.getSubjectX500Principal());
        }
        return key;
    }

    private static PrivateKey decode(Path file, String base64) throws IOException {
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " has a private key that is cut off or damaged", e);
        }
        GeneralSecurityException last = null;
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException | NoSuchAlgorithmException e) {
                last = e; // another kind of key, perhaps
            }
        }
        throw new IOException(file + " has a private key of no known kind; there are " + KEY_ALGORITHMS, last);
    }

    /** Files that are replaced one after the other do not fit for a moment. */
    private static boolean belong(PrivateKey key, Certificate certificate) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] text = "quorate".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static byte[] read(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new IOException(
                        file + " has more than " + MAX_FILE_BYTES + " bytes; that is no PEM file for TLS");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is missing", e);
        }
    }
}
