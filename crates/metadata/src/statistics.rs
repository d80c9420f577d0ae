//! What a task uses, in the form of Docker's statistics, which the endpoint passes on.

use neargate_api::Timestamp;
use neargate_api::model::ecs::{Container, Task};
use neargate_runtime::{NetworkStats, TaskStats, Usage};
use serde_json::{Map, Value, json};

/// `/v4/ID/stats`.
pub fn container(stats: &TaskStats, container: &Container, now: Timestamp) -> Value {
    stats
        .containers
        .get(&container.name)
        .map_or(Value::Null, |usage| document(usage, stats, container, now))
}

/// `/v4/ID/task/stats`: by the containers' ids.
pub fn task(stats: &TaskStats, task: &Task, now: Timestamp) -> Value {
    let all = task.containers.iter().map(|c| (c.runtime_id.clone(), container(stats, c, now)));
    Value::Object(all.collect::<Map<_, _>>())
}

fn document(usage: &Usage, stats: &TaskStats, container: &Container, now: Timestamp) -> Value {
    let networks: Map<String, Value> = stats
        .networks
        .iter()
        .map(|(name, network)| (name.clone(), network_document(network)))
        .collect();
    json!({
        "read": now.iso8601(),
        "preread": "0001-01-01T00:00:00Z",
        "id": container.runtime_id,
        "name": container.name,
        "num_procs": 0,
        "pids_stats": { "current": usage.pids },
        "blkio_stats": {},
        "storage_stats": {},
        "cpu_stats": cpu(usage.cpu_ns, stats.machine_cpu_ns),
        // No sample comes before: what is used since the start is told, as by Docker's one-shot.
        "precpu_stats": cpu(0, 0),
        "memory_stats": {
            "usage": usage.memory_bytes,
            "max_usage": usage.memory_max_bytes,
            "limit": usage.memory_limit_bytes,
            "stats": { "total_inactive_file": usage.memory_inactive_file_bytes },
        },
        "networks": networks,
    })
}

fn cpu(own_ns: u64, machine_ns: u64) -> Value {
    json!({
        "cpu_usage": {
            "total_usage": own_ns,
            "usage_in_kernelmode": 0,
            "usage_in_usermode": own_ns,
        },
        "system_cpu_usage": machine_ns,
        "online_cpus": std::thread::available_parallelism().map_or(1, usize::from),
        "throttling_data": { "periods": 0, "throttled_periods": 0, "throttled_time": 0 },
    })
}

fn network_document(network: &NetworkStats) -> Value {
    json!({
        "rx_bytes": network.rx_bytes,
        "rx_packets": network.rx_packets,
        "rx_errors": network.rx_errors,
        "rx_dropped": network.rx_dropped,
        "tx_bytes": network.tx_bytes,
        "tx_packets": network.tx_packets,
        "tx_errors": network.tx_errors,
        "tx_dropped": network.tx_dropped,
    })
}
