//! What a task uses, in the form of Docker's statistics, which the endpoint passes on.

use neargate_api::model::ecs::{Container, Task};
use neargate_runtime::{NetworkStats, TaskStats, Usage};
use serde_json::{Map, Value, json};

/// `/v4/ID/stats`.
pub fn container(stats: &TaskStats, container: &Container) -> Value {
    stats
        .containers
        .get(&container.name)
        .map_or(Value::Null, |usage| document(usage, stats, container))
}

/// `/v4/ID/task/stats`: by the containers' ids.
pub fn task(stats: &TaskStats, task: &Task) -> Value {
    let all = task.containers.iter().map(|c| (c.runtime_id.clone(), container(stats, c)));
    Value::Object(all.collect::<Map<_, _>>())
}

fn document(usage: &Usage, stats: &TaskStats, container: &Container) -> Value {
    let networks: Map<String, Value> = stats
        .networks
        .iter()
        .map(|(name, network)| (name.clone(), network_document(network)))
        .collect();
    json!({
        "id": container.runtime_id,
        "name": container.name,
        "pids_stats": { "current": usage.pids },
        "cpu_stats": {
            "cpu_usage": { "total_usage": usage.cpu_ns },
            "online_cpus": std::thread::available_parallelism().map_or(1, usize::from),
        },
        "memory_stats": {
            "usage": usage.memory_bytes,
            "max_usage": usage.memory_max_bytes,
            "limit": usage.memory_limit_bytes,
            "stats": { "total_inactive_file": usage.memory_inactive_file_bytes },
        },
        "networks": networks,
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
