/** The Raft algorithm, and the runtime that drives it. Needs nothing but the JDK at run time. */
module dev.quorate.raft {
    requires static org.jspecify;

    exports dev.quorate.raft;
    exports dev.quorate.raft.model;
    exports dev.quorate.raft.runtime;
    exports dev.quorate.raft.session;
}
