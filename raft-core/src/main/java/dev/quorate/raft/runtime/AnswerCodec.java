package dev.quorate.raft.runtime;

/**
 * How the answers of a state machine are remembered for sessions. Both methods are functions of their argument alone, and do
 * not throw for what the other one made.
 *
 * @param <R> what the state machine answers
 */
public interface AnswerCodec<R> {

    /** To bytes. */
    byte[] encode(R answer);

    /** And back. */
    R decode(byte[] bytes);
}
