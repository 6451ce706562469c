package dev.quorate.kv.cli.client;

/** Who asks, and what proves it. */
public record Credentials(String user, String password) {

    @Override
    public String toString() {
        return user; // and nothing that would end up in some log
    }
}
