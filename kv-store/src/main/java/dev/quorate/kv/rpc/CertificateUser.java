package dev.quorate.kv.rpc;

import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.security.Principal;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who a client is by its certificate. A call of the gateway comes from within the process and has none: a proxy of many clients
 * must not lend them its name.
 */
final class CertificateUser {

    private CertificateUser() {}

    /** The common name; empty without a certificate, or if it has none. */
    static String of(ServerCall<?, ?> call) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return "";
        }
        try {
            return commonName(session.getPeerPrincipal());
        } catch (SSLPeerUnverifiedException e) {
            return ""; // it has shown none
        }
    }

    /** The most specific one, which stands last in Java's order. */
    private static String commonName(Principal subject) {
        try {
            String found = "";
            for (Rdn part : new LdapName(subject.getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
                    found = name;
                }
            }
            return found;
        } catch (InvalidNameException e) {
            return "";
        }
    }
}
