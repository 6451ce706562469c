package dev.quorate.raft.log.rocksdb;

import java.io.IOException;

/**
 * What is on the disk is not what was written there, or not all of it. The node must neither vote nor acknowledge on it:
 * what it promised may be lost here. The message names the group, the place, and what was expected and found.
 */
public class CorruptLogException extends IOException {

    private static final long serialVersionUID = 1L;

    CorruptLogException(String message) {
        super(message + ". Do not delete single files; replace this member's log from its peers");
    }

    CorruptLogException(String message, Throwable cause) {
        super(message + ". Do not delete single files; replace this member's log from its peers", cause);
    }
}
