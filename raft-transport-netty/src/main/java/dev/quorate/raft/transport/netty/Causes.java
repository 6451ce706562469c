package dev.quorate.raft.transport.netty;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** Says in a few plain words why a connection failed; what the operating system and Netty say names the address twice. */
final class Causes {

    private Causes() {}

    static String of(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        String lower = message.toLowerCase(Locale.ROOT);
        if (failure instanceof ConnectTimeoutException) {
            return "its host does not answer";
        }
        if (failure instanceof UnknownHostException) {
            return "no such host";
        }
        if (failure instanceof NotSslRecordException) {
            return "it does not speak TLS, and this member does: give TLS to all members or to none";
        }
        if (failure instanceof SSLException) {
            return "TLS fails: " + Protocol.printable(message);
        }
        if (lower.contains("refused")) {
            return "nothing listens there";
        }
        if (lower.contains("reset")) {
            return "the other side reset it";
        }
        return failure.getClass().getSimpleName() + ": " + Protocol.printable(message);
    }
}
