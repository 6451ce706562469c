package dev.quorate.kv.rpc;

import dev.quorate.kv.mvcc.KvException;

/**
 * A read whose result is a response.
 *
 * @param isLong whether it may take longer than a look at one key
 */
record StoreRead(boolean isLong, Source source, Answer<byte[]> answer) implements ReadTask {

    /** Reads the store and encodes the response. */
    interface Source {
        byte[] read() throws KvException;
    }

    @Override
    public void run() {
        byte[] response;
        try {
            response = source.read();
        } catch (KvException e) {
            answer.refuse(e.error());
            return;
        } catch (RuntimeException | OutOfMemoryError e) { // the answer may be larger than what is left of the heap
            answer.failRead(e);
            return;
        }
        answer.succeed(response);
    }

    @Override
    public void fail(Throwable why) {
        answer.failRead(why);
    }
}
