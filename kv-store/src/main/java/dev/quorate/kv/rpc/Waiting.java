package dev.quorate.kv.rpc;

import com.google.protobuf.MessageLite;
import dev.quorate.kv.rpc.KeyQueue.Place;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A caller who waits for his turn. If he goes away, or cannot have it, his place is given up. */
final class Waiting {

    private Waiting() {}

    @SuppressWarnings("FutureReturnValueIgnored") // the answer says how it ended
    static void forTurn(
            KeyQueue queue,
            CompletableFuture<Place> entered,
            Answer<byte[]> answer,
            Function<Place, MessageLite> response) {
        entered.whenComplete((place, notEntered) -> {
            if (notEntered != null) {
                answer.failWrite(notEntered);
                return;
            }
            CompletableFuture<Place> turn = queue.turn(place);
            answer.whenCanceled(() -> {
                turn.cancel(false);
                queue.leave(place); // also if the turn has come meanwhile: he will never know
            });
            turn.whenComplete((come, failure) -> {
                if (turn.isCancelled()) {
                    return; // nobody is there to hear it
                }
                if (failure == null) {
                    answer.succeed(response.apply(come).toByteArray());
                } else {
                    queue.leave(place);
                    answer.failWrite(failure);
                }
            });
        });
    }
}
