use std::fmt::Write;

use expect_test::{Expect, expect};
use neargate_series::Datum;

use super::*;
use crate::measure::sample::ContainerSample;

fn of(service: Option<&str>, task: &str, cpu_units: u32) -> Of {
    Of {
        region: "us-west-2".into(),
        cluster: "prod".into(),
        service: service.map(str::to_owned),
        family: "app".into(),
        task: task.into(),
        cpu_units,
        memory_mib: 512,
        disk_gib: 20,
        insights: Insights::Off,
    }
}

fn used(cpus: f64, mib: u64) -> Sample {
    Sample { seconds: 1.0, cpus, memory_bytes: mib << 20, ..Sample::default() }
}

fn data(minute: &Minute) -> Vec<Datum> {
    let mut told = Told::default();
    minute.tell(&mut told);
    told.minutes(minute.number, minute.number + 1).flatten().collect()
}

/// Name, dimensions in the order of their names, and the values, of each.
fn check(minute: &Minute, expected: Expect) {
    let mut lines = String::new();
    for datum in data(minute).iter().filter(|datum| datum.metric.namespace != NAMESPACE) {
        let dimensions = datum.metric.dimensions().iter().map(|(_, value)| value.as_str());
        let dimensions: Vec<&str> = dimensions.collect();
        let (set, unit) = (&datum.values, datum.unit.name());
        let name = &datum.metric.name;
        let of = dimensions.join("/");
        writeln!(lines, "{name} {of}: {} {unit} of {}", set.sum, set.count).unwrap();
    }
    expected.assert_eq(&lines);
}

#[test]
fn a_service_is_the_average_of_its_tasks_of_what_they_reserve() {
    let mut minute = Minute::numbered(2);
    for second in 0..4 {
        minute.add(of(Some("web"), "a", 256), used(0.25 * f64::from(second % 2), 128));
        minute.add(of(Some("web"), "b", 1024), used(1.0, 256));
        minute.add(of(Some("api"), "c", 512), used(0.05, 512));
        minute.add(of(None, "alone", 256), used(0.25, 512));
    }
    let line = |datum: Datum| {
        let set = &datum.values;
        let service = datum.metric.dimension("ServiceName").unwrap_or("all services");
        format!(
            "{} {service}: {} tasks, average {} from {} to {} at {}\n",
            datum.metric.name,
            set.count,
            set.average(),
            set.min,
            set.max,
            datum.at.secs()
        )
    };
    let told: String = data(&minute).into_iter().map(line).collect();
    expect![[r#"
        CPUUtilization all services: 3 tasks, average 53.333333333333336 from 10 to 100 at 120
        CPUUtilization api: 1 tasks, average 10 from 10 to 10 at 120
        CPUUtilization web: 2 tasks, average 75 from 50 to 100 at 120
        MemoryUtilization all services: 3 tasks, average 58.333333333333336 from 25 to 100 at 120
        MemoryUtilization api: 1 tasks, average 100 from 100 to 100 at 120
        MemoryUtilization web: 2 tasks, average 37.5 from 25 to 50 at 120
    "#]]
    .assert_eq(&told);
}

#[test]
fn container_insights_has_a_value_for_each_task() {
    let mut minute = Minute::numbered(2);
    for (task, kib) in [("a", 1), ("b", 3)] {
        let of = Of { insights: Insights::Enabled, ..of(Some("web"), task, 256) };
        for _ in 0..2 {
            let network = Sample { rx_bytes: kib << 10, tx_bytes: 1 << 20, ..used(0.125, 64) };
            let sample = Sample { written_bytes: 4096, disk_bytes: Some(2_000_000_000), ..network };
            minute.add(of.clone(), sample);
        }
    }
    check(
        &minute,
        expect![[r#"
        CpuReserved prod: 512 None of 2
        CpuReserved prod/web: 512 None of 2
        CpuReserved prod/app: 512 None of 2
        CpuUtilized prod: 256 None of 2
        CpuUtilized prod/web: 256 None of 2
        CpuUtilized prod/app: 256 None of 2
        EphemeralStorageReserved prod: 42.94967296 Gigabytes of 2
        EphemeralStorageReserved prod/web: 42.94967296 Gigabytes of 2
        EphemeralStorageReserved prod/app: 42.94967296 Gigabytes of 2
        EphemeralStorageUtilized prod: 4 Gigabytes of 2
        EphemeralStorageUtilized prod/web: 4 Gigabytes of 2
        EphemeralStorageUtilized prod/app: 4 Gigabytes of 2
        MemoryReserved prod: 1024 Megabytes of 2
        MemoryReserved prod/web: 1024 Megabytes of 2
        MemoryReserved prod/app: 1024 Megabytes of 2
        MemoryUtilized prod: 128 Megabytes of 2
        MemoryUtilized prod/web: 128 Megabytes of 2
        MemoryUtilized prod/app: 128 Megabytes of 2
        NetworkRxBytes prod: 4096 Bytes/Second of 2
        NetworkRxBytes prod/web: 4096 Bytes/Second of 2
        NetworkRxBytes prod/app: 4096 Bytes/Second of 2
        NetworkTxBytes prod: 2097152 Bytes/Second of 2
        NetworkTxBytes prod/web: 2097152 Bytes/Second of 2
        NetworkTxBytes prod/app: 2097152 Bytes/Second of 2
        StorageReadBytes prod: 0 Bytes of 2
        StorageReadBytes prod/web: 0 Bytes of 2
        StorageReadBytes prod/app: 0 Bytes of 2
        StorageWriteBytes prod: 16384 Bytes of 2
        StorageWriteBytes prod/web: 16384 Bytes of 2
        StorageWriteBytes prod/app: 16384 Bytes of 2
    "#]],
    );
}

#[test]
fn enhanced_observability_has_tasks_and_containers_by_themselves() {
    let of = Of { insights: Insights::Enhanced, ..of(Some("web"), "t1", 256) };
    let app = ContainerSample {
        cpus: 0.1,
        memory_bytes: 64 << 20,
        memory_mib: 128,
        restarts: Some(1),
        is_unhealthy: Some(true),
        ..ContainerSample::default()
    };
    let mut minute = Minute::numbered(2);
    for restarts in [1, 3] {
        let app = ContainerSample { restarts: Some(restarts), ..app };
        let containers = BTreeMap::from([("app".to_owned(), app)]);
        minute.add(of.clone(), Sample { containers, ..used(0.125, 64) });
    }
    check(
        &minute,
        expect![[r#"
        ContainerCpuReserved prod: 256 None of 1
        ContainerCpuReserved prod/app/web: 256 None of 1
        ContainerCpuReserved prod/app/web/t1: 256 None of 1
        ContainerCpuReserved prod/app/app: 256 None of 1
        ContainerCpuReserved prod/app/app/t1: 256 None of 1
        ContainerCpuUtilization prod: 40 Percent of 1
        ContainerCpuUtilization prod/web: 40 Percent of 1
        ContainerCpuUtilization prod/web/t1: 40 Percent of 1
        ContainerCpuUtilization prod/app: 40 Percent of 1
        ContainerCpuUtilization prod/app/t1: 40 Percent of 1
        ContainerCpuUtilized prod: 102.4 None of 1
        ContainerCpuUtilized prod/app/web: 102.4 None of 1
        ContainerCpuUtilized prod/app/web/t1: 102.4 None of 1
        ContainerCpuUtilized prod/app/app: 102.4 None of 1
        ContainerCpuUtilized prod/app/app/t1: 102.4 None of 1
        ContainerMemoryReserved prod: 128 Megabytes of 1
        ContainerMemoryReserved prod/app/web: 128 Megabytes of 1
        ContainerMemoryReserved prod/app/web/t1: 128 Megabytes of 1
        ContainerMemoryReserved prod/app/app: 128 Megabytes of 1
        ContainerMemoryReserved prod/app/app/t1: 128 Megabytes of 1
        ContainerMemoryUtilization prod: 50 Percent of 1
        ContainerMemoryUtilization prod/app/web: 50 Percent of 1
        ContainerMemoryUtilization prod/app/web/t1: 50 Percent of 1
        ContainerMemoryUtilization prod/app/app: 50 Percent of 1
        ContainerMemoryUtilization prod/app/app/t1: 50 Percent of 1
        ContainerMemoryUtilized prod: 64 Megabytes of 1
        ContainerMemoryUtilized prod/app/web: 64 Megabytes of 1
        ContainerMemoryUtilized prod/app/web/t1: 64 Megabytes of 1
        ContainerMemoryUtilized prod/app/app: 64 Megabytes of 1
        ContainerMemoryUtilized prod/app/app/t1: 64 Megabytes of 1
        ContainerNetworkRxBytes prod: 0 Bytes/Second of 1
        ContainerNetworkRxBytes prod/web: 0 Bytes/Second of 1
        ContainerNetworkRxBytes prod/web/t1: 0 Bytes/Second of 1
        ContainerNetworkRxBytes prod/app: 0 Bytes/Second of 1
        ContainerNetworkRxBytes prod/app/t1: 0 Bytes/Second of 1
        ContainerNetworkTxBytes prod: 0 Bytes/Second of 1
        ContainerNetworkTxBytes prod/web: 0 Bytes/Second of 1
        ContainerNetworkTxBytes prod/web/t1: 0 Bytes/Second of 1
        ContainerNetworkTxBytes prod/app: 0 Bytes/Second of 1
        ContainerNetworkTxBytes prod/app/t1: 0 Bytes/Second of 1
        CpuReserved prod: 256 None of 1
        CpuReserved prod/web: 256 None of 1
        CpuReserved prod/web/t1: 256 None of 1
        CpuReserved prod/app: 256 None of 1
        CpuReserved prod/app/t1: 256 None of 1
        CpuUtilized prod: 128 None of 1
        CpuUtilized prod/web: 128 None of 1
        CpuUtilized prod/web/t1: 128 None of 1
        CpuUtilized prod/app: 128 None of 1
        CpuUtilized prod/app/t1: 128 None of 1
        EphemeralStorageReserved prod: 21.47483648 Gigabytes of 1
        EphemeralStorageReserved prod/web: 21.47483648 Gigabytes of 1
        EphemeralStorageReserved prod/web/t1: 21.47483648 Gigabytes of 1
        EphemeralStorageReserved prod/app: 21.47483648 Gigabytes of 1
        EphemeralStorageReserved prod/app/t1: 21.47483648 Gigabytes of 1
        MemoryReserved prod: 512 Megabytes of 1
        MemoryReserved prod/web: 512 Megabytes of 1
        MemoryReserved prod/web/t1: 512 Megabytes of 1
        MemoryReserved prod/app: 512 Megabytes of 1
        MemoryReserved prod/app/t1: 512 Megabytes of 1
        MemoryUtilized prod: 64 Megabytes of 1
        MemoryUtilized prod/web: 64 Megabytes of 1
        MemoryUtilized prod/web/t1: 64 Megabytes of 1
        MemoryUtilized prod/app: 64 Megabytes of 1
        MemoryUtilized prod/app/t1: 64 Megabytes of 1
        NetworkRxBytes prod: 0 Bytes/Second of 1
        NetworkRxBytes prod/web: 0 Bytes/Second of 1
        NetworkRxBytes prod/web/t1: 0 Bytes/Second of 1
        NetworkRxBytes prod/app: 0 Bytes/Second of 1
        NetworkRxBytes prod/app/t1: 0 Bytes/Second of 1
        NetworkTxBytes prod: 0 Bytes/Second of 1
        NetworkTxBytes prod/web: 0 Bytes/Second of 1
        NetworkTxBytes prod/web/t1: 0 Bytes/Second of 1
        NetworkTxBytes prod/app: 0 Bytes/Second of 1
        NetworkTxBytes prod/app/t1: 0 Bytes/Second of 1
        TaskCpuUtilization prod: 50 Percent of 1
        TaskCpuUtilization prod/web: 50 Percent of 1
        TaskCpuUtilization prod/web/t1: 50 Percent of 1
        TaskCpuUtilization prod/app: 50 Percent of 1
        TaskCpuUtilization prod/app/t1: 50 Percent of 1
        TaskMemoryUtilization prod: 12.5 Percent of 1
        TaskMemoryUtilization prod/web: 12.5 Percent of 1
        TaskMemoryUtilization prod/web/t1: 12.5 Percent of 1
        TaskMemoryUtilization prod/app: 12.5 Percent of 1
        TaskMemoryUtilization prod/app/t1: 12.5 Percent of 1
        UnHealthyContainerHealthStatus prod: 1 Count of 1
        UnHealthyContainerHealthStatus prod/app/web: 1 Count of 1
        UnHealthyContainerHealthStatus prod/app/web/t1: 1 Count of 1
        UnHealthyContainerHealthStatus prod/app/app: 1 Count of 1
        UnHealthyContainerHealthStatus prod/app/app/t1: 1 Count of 1
        ContainerStorageReadBytes prod: 0 Bytes of 1
        ContainerStorageReadBytes prod/app/web: 0 Bytes of 1
        ContainerStorageReadBytes prod/app/web/t1: 0 Bytes of 1
        ContainerStorageReadBytes prod/app/app: 0 Bytes of 1
        ContainerStorageReadBytes prod/app/app/t1: 0 Bytes of 1
        ContainerStorageWriteBytes prod: 0 Bytes of 1
        ContainerStorageWriteBytes prod/app/web: 0 Bytes of 1
        ContainerStorageWriteBytes prod/app/web/t1: 0 Bytes of 1
        ContainerStorageWriteBytes prod/app/app: 0 Bytes of 1
        ContainerStorageWriteBytes prod/app/app/t1: 0 Bytes of 1
        RestartCount prod: 2 Count of 1
        RestartCount prod/app/web: 2 Count of 1
        RestartCount prod/app/web/t1: 2 Count of 1
        RestartCount prod/app/app: 2 Count of 1
        RestartCount prod/app/app/t1: 2 Count of 1
        RestartCount prod/web: 2 Count of 1
        RestartCount prod/web/t1: 2 Count of 1
        RestartCount prod/app: 2 Count of 1
        RestartCount prod/app/t1: 2 Count of 1
        StorageReadBytes prod: 0 Bytes of 1
        StorageReadBytes prod/web: 0 Bytes of 1
        StorageReadBytes prod/web/t1: 0 Bytes of 1
        StorageReadBytes prod/app: 0 Bytes of 1
        StorageReadBytes prod/app/t1: 0 Bytes of 1
        StorageWriteBytes prod: 0 Bytes of 1
        StorageWriteBytes prod/web: 0 Bytes of 1
        StorageWriteBytes prod/web/t1: 0 Bytes of 1
        StorageWriteBytes prod/app: 0 Bytes of 1
        StorageWriteBytes prod/app/t1: 0 Bytes of 1
    "#]],
    );
}
