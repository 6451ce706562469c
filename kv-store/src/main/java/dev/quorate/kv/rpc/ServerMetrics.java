package dev.quorate.kv.rpc;

import dev.quorate.kv.http.MetricsPage;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.State;
import dev.quorate.raft.RaftRole;
import dev.quorate.raft.RaftStatus;
import java.util.function.Consumer;

/** What a member has to say about itself in numbers, under etcd's names. */
final class ServerMetrics implements Consumer<MetricsPage.Lines> {

    private final Replicator replicator;
    private final MvccStore store;
    private final SpaceGuard space;

    ServerMetrics(Replicator replicator, MvccStore store, SpaceGuard space) {
        this.replicator = replicator;
        this.store = store;
        this.space = space;
    }

    @Override
    public void accept(MetricsPage.Lines lines) {
        RaftStatus raft = replicator.status();
        State state = store.state();
        lines.gauge("etcd_server_has_leader", "1 if this member knows a leader.", raft.leader() == null ? 0 : 1);
        lines.gauge("etcd_server_is_leader", "1 if this member leads.", raft.role() == RaftRole.LEADER ? 1 : 0);
        lines.gauge(
                "etcd_server_is_learner",
                "1 if this member does not vote.",
                raft.membership().voters().contains(raft.id()) ? 0 : 1);
        lines.counter(
                "etcd_server_proposals_committed_total", "The log's index of what is committed.", raft.commitIndex());
        lines.counter(
                "etcd_server_proposals_applied_total", "The log's index of what is applied.", raft.appliedIndex());
        lines.gauge("quorate_raft_term", "The term.", raft.term());
        lines.gauge("quorate_raft_last_index", "The log's last index.", raft.lastIndex());
        lines.gauge("quorate_raft_durable_index", "The log's last index that is on this disk.", raft.durableIndex());
        lines.gauge("etcd_mvcc_db_total_size_in_bytes", "The store on disk.", store.sizeBytes());
        lines.gauge(
                "etcd_mvcc_db_total_size_in_use_in_bytes", "Of that, about what is not superseded.", store.liveBytes());
        lines.gauge(
                "etcd_server_quota_backend_bytes",
                "How large the store may become; 0 for as large as it likes.",
                space.quotaBytes() == Long.MAX_VALUE ? 0 : space.quotaBytes());
        lines.gauge("etcd_debugging_mvcc_current_revision", "The store's revision.", state.revision());
        lines.gauge("etcd_debugging_mvcc_compact_revision", "The compacted revision; -1 for none.", state.compacted());
        lines.gauge(
                "quorate_alarms",
                "Alarms that are raised.",
                space.alarms().raised().size());
        lines.info(
                "etcd_server_version",
                "Which etcd this server behaves like.",
                "server_version",
                MaintenanceService.PROTOCOL_VERSION);
    }
}
