//! PROVISIONING: a network interface in the task's subnet, attached and up.

use std::path::PathBuf;
use std::time::Duration;

use super::facts::{Facts, NotStarted};

/// Refuses what this machine cannot hold, before anything is made for it.
pub fn check_size(facts: &Facts) -> Result<(), NotStarted> {
    let Some(task) = facts.task() else { return Err(NotStarted::Stopped) };
    let wanted_mib: u64 = task.wire.memory.as_deref().and_then(|m| m.parse().ok()).unwrap_or(0);
    let Ok(info) = std::fs::read_to_string("/proc/meminfo") else { return Ok(()) };
    let total_mib = memory_total_mib(&info).unwrap_or(u64::MAX);
    if wanted_mib > total_mib {
        return Err(no_capacity(format!(
            "the task is to have {wanted_mib} MiB of memory, this machine has {total_mib} MiB."
        )));
    }
    Ok(())
}

/// Refuses a processor that this machine does not have.
pub fn check_processor(facts: &Facts) -> Result<(), NotStarted> {
    let definition = facts.definition();
    let platform = definition.as_ref().and_then(|d| d.wire.runtime_platform.as_ref());
    let wanted = platform.and_then(|p| p.cpu_architecture.as_deref()).unwrap_or("X86_64");
    let own = match std::env::consts::ARCH {
        "aarch64" => "ARM64",
        _ => "X86_64",
    };
    if platform.is_some() && wanted != own {
        return Err(no_capacity(format!(
            "the task's cpuArchitecture is {wanted}, this machine is {own}."
        )));
    }
    Ok(())
}

/// AWS's words for a machine that it does not have either, with our reason.
fn no_capacity(why: String) -> NotStarted {
    NotStarted::Failed(format!(
        "Capacity is unavailable at this time. Please try again later or in a different availability zone: {why}"
    ))
}

fn memory_total_mib(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse().ok()?;
    Some(kib / 1024)
}

/// Gives the task its interface, and answers with its namespace once that is attached.
pub async fn provision(facts: &Facts) -> Result<PathBuf, NotStarted> {
    let allocated = facts.change(|change| change.allocate()).await?;
    let interface_id = allocated.map_err(NotStarted::Failed)?.ok_or(NotStarted::Stopped)?;
    let mut attached = facts.hands.attached.clone();
    let mut last_failure = None;
    let waited = tokio::time::timeout(ATTACH_TIMEOUT, async {
        loop {
            let present = attached.borrow_and_update().clone();
            if let Some(netns) = present.interfaces.get(&interface_id) {
                return Ok(netns.clone());
            }
            last_failure = present.failed.get(&interface_id).cloned().or(last_failure.take());
            if attached.changed().await.is_err() {
                return Err(NotStarted::Stopped);
            }
        }
    });
    let netns = waited.await;
    netns.unwrap_or_else(|_| {
        let why = last_failure.unwrap_or_else(|| "it is not attached yet".into());
        Err(NotStarted::Failed(format!(
            "Timeout waiting for network interface provisioning to complete: {interface_id}: {why}"
        )))
    })
}

/// An interface is attached within milliseconds, or something is wrong with the machine.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    #[test]
    fn total_memory() {
        assert_eq!(
            super::memory_total_mib("MemTotal:       24675432 kB\nMemFree: 1 kB\n"),
            Some(24097)
        );
    }
}
