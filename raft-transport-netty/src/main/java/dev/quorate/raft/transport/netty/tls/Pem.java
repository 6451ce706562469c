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
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys. What cannot be read is told in one line that names the file. */
public final class Pem {

    /** A chain and a bundle of roots have some kilobytes; whoever names a disk image here has made a mistake. */
    private static final long MAX_FILE_BYTES = 1 << 20;

    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private static final Pattern KEY = Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END");

    private static final Pattern PUBLIC_KEY = Pattern.compile("-----BEGIN PUBLIC KEY-----([^-]*)-----END");

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
        PrivateKey key = privateKey(file);
        if (!belong(key, certificate.getPublicKey())) {
            throw new IOException("the key in " + file + " is not that of the certificate of "
                    + certificate.getSubjectX500Principal());
        }
        return key;
    }

    /** @throws IOException in one line, if there is no public key in the form of X.509, RSA or EC */
    public static PublicKey publicKey(Path file) throws IOException {
        Matcher matcher = PUBLIC_KEY.matcher(new String(read(file), StandardCharsets.ISO_8859_1));
        if (!matcher.find()) {
            throw new IOException(file + " has no public key; it must have a line -----BEGIN PUBLIC KEY-----");
        }
        byte[] der = der(file, matcher.group(1));
        return first(file, factory -> factory.generatePublic(new X509EncodedKeySpec(der)));
    }

    /** @throws IOException in one line, if there is no private key in the form of PKCS #8, without a password */
    public static PrivateKey privateKey(Path file) throws IOException {
        Matcher matcher = KEY.matcher(new String(read(file), StandardCharsets.ISO_8859_1));
        if (!matcher.find()) {
            throw new IOException(file + " has no private key; it must have a line -----BEGIN PRIVATE KEY-----");
        }
        if (!matcher.group(1).isEmpty()) {
            throw new IOException(
                    file + " has a key in the form '" + matcher.group(1).strip()
                            + "'; write it as PKCS #8, without a password: openssl pkcs8 -topk8 -nocrypt -in " + file);
        }
        byte[] der = der(file, matcher.group(2));
        return first(file, factory -> factory.generatePrivate(new PKCS8EncodedKeySpec(der)));
    }

    private static byte[] der(Path file, String base64) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " has a key that is cut off or damaged", e);
        }
    }

    private interface Decoding<K> {
        K by(KeyFactory factory) throws InvalidKeySpecException;
    }

    private static <K> K first(Path file, Decoding<K> decoding) throws IOException {
        GeneralSecurityException last = null;
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return decoding.by(KeyFactory.getInstance(algorithm));
            } catch (InvalidKeySpecException | NoSuchAlgorithmException e) {
                last = e; // another kind of key, perhaps
            }
        }
        throw new IOException(file + " has a key of no known kind; there are " + KEY_ALGORITHMS, last);
    }

    /** Whether what one signs, the other verifies: files that are replaced one after the other do not fit for a moment. */
    public static boolean belong(PrivateKey key, PublicKey other) {
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
            signature.initVerify(other);
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
