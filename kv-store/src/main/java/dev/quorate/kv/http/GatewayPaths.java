package dev.quorate.kv.http;

import java.util.HashMap;
import java.util.Map;

/** Which path of the gateway calls which method: the HTTP annotations of etcd's protocol (rpc.proto, v3lock.proto, v3election.proto). */
final class GatewayPaths {

    private static final Map<String, String> METHODS = new HashMap<>();

    static {
        service("etcdserverpb.KV", "/kv/")
                .add("Range", "range")
                .add("Put", "put")
                .add("DeleteRange", "deleterange")
                .add("Txn", "txn")
                .add("Compact", "compaction");
        service("etcdserverpb.Watch", "/").add("Watch", "watch");
        service("etcdserverpb.Lease", "/lease/")
                .add("LeaseGrant", "grant")
                .add("LeaseRevoke", "revoke")
                .add("LeaseKeepAlive", "keepalive")
                .add("LeaseTimeToLive", "timetolive")
                .add("LeaseLeases", "leases");
        service("etcdserverpb.Lease", "/kv/lease/") // where they were in 3.3 and before
                .add("LeaseRevoke", "revoke")
                .add("LeaseTimeToLive", "timetolive")
                .add("LeaseLeases", "leases");
        service("etcdserverpb.Cluster", "/cluster/member/")
                .add("MemberAdd", "add")
                .add("MemberRemove", "remove")
                .add("MemberUpdate", "update")
                .add("MemberList", "list")
                .add("MemberPromote", "promote");
        service("etcdserverpb.Maintenance", "/maintenance/")
                .add("Alarm", "alarm")
                .add("Status", "status")
                .add("Defragment", "defragment")
                .add("HashKV", "hashkv")
                .add("HashKV", "hash")
                .add("Snapshot", "snapshot")
                .add("MoveLeader", "transfer-leadership")
                .add("Downgrade", "downgrade");
        service("etcdserverpb.Auth", "/auth/")
                .add("AuthEnable", "enable")
                .add("AuthDisable", "disable")
                .add("AuthStatus", "status")
                .add("Authenticate", "authenticate")
                .add("UserAdd", "user/add")
                .add("UserGet", "user/get")
                .add("UserList", "user/list")
                .add("UserDelete", "user/delete")
                .add("UserChangePassword", "user/changepw")
                .add("UserGrantRole", "user/grant")
                .add("UserRevokeRole", "user/revoke")
                .add("RoleAdd", "role/add")
                .add("RoleGet", "role/get")
                .add("RoleList", "role/list")
                .add("RoleDelete", "role/delete")
                .add("RoleGrantPermission", "role/grant")
                .add("RoleRevokePermission", "role/revoke");
        service("v3lockpb.Lock", "/lock/").add("Lock", "lock").add("Unlock", "unlock");
        service("v3electionpb.Election", "/election/")
                .add("Campaign", "campaign")
                .add("Proclaim", "proclaim")
                .add("Leader", "leader")
                .add("Observe", "observe")
                .add("Resign", "resign");
    }

    private GatewayPaths() {}

    private record Service(String name, String prefix) {
        Service add(String method, String path) {
            METHODS.put("/v3" + prefix + path, name + "/" + method);
            METHODS.put("/v3beta" + prefix + path, name + "/" + method); // 3.4 serves it, too
            return this;
        }
    }

    private static Service service(String name, String prefix) {
        return new Service(name, prefix);
    }

    /** By path, gRPC's full names of methods. */
    static Map<String, String> methods() {
        return Map.copyOf(METHODS);
    }
}
