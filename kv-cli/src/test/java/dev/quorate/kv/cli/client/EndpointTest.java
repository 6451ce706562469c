package dev.quorate.kv.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.ExitCode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

    @Test
    void readsHostAndPort() {
        assertEquals(new Endpoint("127.0.0.1", 2379), Endpoint.parse("127.0.0.1:2379"));
        assertEquals(new Endpoint("db1.example", 1), Endpoint.parse(" db1.example:1 "));
    }

    @Test
    void readsWhatEtcdsToolsWrite() {
        assertEquals(new Endpoint("127.0.0.1", 2379), Endpoint.parse("http://127.0.0.1:2379"));
    }

    @Test
    void tlsIsWhatTheSchemeSaysAndElseTheDefault() {
        Endpoint secured = new Endpoint("127.0.0.1", 2379, true);

        assertEquals(secured, Endpoint.parse("https://127.0.0.1:2379"));
        assertEquals(secured, Endpoint.parse("127.0.0.1:2379", true));
        assertEquals(new Endpoint("127.0.0.1", 2379), Endpoint.parse("http://127.0.0.1:2379", true));
        assertEquals(secured, Endpoint.parse(secured.toString()));
        assertEquals("127.0.0.1:2379", secured.hostPort());
    }

    @Test
    void readsIpv6InBracketsAndWritesItSo() {
        Endpoint endpoint = Endpoint.parse("[::1]:2379");

        assertEquals(new Endpoint("::1", 2379), endpoint);
        assertEquals("[::1]:2379", endpoint.toString());
    }

    @Test
    void readsAList() {
        assertEquals(List.of(new Endpoint("a", 1), new Endpoint("b", 2)), Endpoint.parseList("a:1, b:2,"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", ":2379", "host:", "host:0", "host:65536", "host:x", "::1:2379", "https://host"})
    void refusesWhatIsNone(String text) {
        CliException e = assertThrows(CliException.class, () -> Endpoint.parse(text));

        assertEquals(ExitCode.USAGE, e.exitCode());
        assertTrue(String.valueOf(e.getMessage()).contains(text), e.getMessage());
    }

    @Test
    void refusesAnEmptyList() {
        assertThrows(CliException.class, () -> Endpoint.parseList(" , "));
    }
}
