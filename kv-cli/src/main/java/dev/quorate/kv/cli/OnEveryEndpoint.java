package dev.quorate.kv.cli;

import dev.quorate.kv.cli.client.CallFailedException;
import dev.quorate.kv.cli.client.KvClient;
import io.grpc.MethodDescriptor;
import java.util.function.BiConsumer;

/** Asks each server about itself, one after the other: one that fails keeps nobody from the next. */
final class OnEveryEndpoint {

    private OnEveryEndpoint() {}

    static <Q, R> ExitCode run(
            KvClient client, MethodDescriptor<Q, R> method, Q request, BiConsumer<String, R> answered) {
        ExitCode code = ExitCode.OK;
        for (String endpoint : client.endpoints()) {
            try {
                answered.accept(endpoint, client.askAt(endpoint, method, request));
            } catch (CallFailedException e) {
                System.err.println("kv: " + e.getMessage());
                code = ExitCode.DEFINITE;
            }
        }
        return code;
    }
}
