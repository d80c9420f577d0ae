//! What a month of a busy service takes on disk: ten tasks behind a load balancer that answer 600
//! requests a minute, as they are measured, for six hours, of which each tier keeps so many.

use std::fmt::Write;

use expect_test::expect;
use neargate_ids::Rng;

use super::*;

/// Six in the morning, so that the hours begin no blocks of their own.
const BEGIN: i64 = 1_800_079_200;
const MINUTES: i64 = 6 * 60;
const TASKS: usize = 10;

/// How a metric behaves, and how many series are like it: with Container Insights, by the sets of
/// dimensions of tasks, load balancer, zones and target group.
const KINDS: [(&str, usize); 5] =
    [("Busy", 17), ("Held", 5), ("Constant", 28), ("Counted", 45), ("Timed", 4)];

fn metric(kind: &str, number: usize) -> Metric {
    let dimensions = [("ClusterName", "realworld-prod-cluster"), ("Number", &number.to_string())];
    Metric::new("us-west-2", "ECS/ContainerInsights", kind, dimensions)
}

/// About 1, mostly between a half and one and a half, hardly ever the same twice.
fn around_one(rng: &Rng) -> f64 {
    let uniform = || (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    (uniform() + uniform() + uniform() + uniform()) / 2.0
}

/// The values of one minute of a metric of this kind.
fn values(kind: &str, minute: i64, rng: &Rng) -> StatisticSet {
    let of_tasks = |value: &dyn Fn(usize) -> f64| {
        StatisticSet::all((0..TASKS).map(|task| StatisticSet::of(value(task)))).expect("tasks")
    };
    match kind {
        "Busy" => of_tasks(&|_| 30.0 * around_one(rng)),
        "Held" => of_tasks(&|task| 80.0 + task as f64 + (minute / 10) as f64 / 100.0),
        "Constant" => StatisticSet::repeated(256.0, TASKS as f64),
        "Counted" => StatisticSet::repeated(1.0, (600.0 * around_one(rng)).floor()),
        _ => {
            let time = || 0.02 * around_one(rng).powi(4) + 0.005;
            StatisticSet::all((0..600).map(|_| StatisticSet::of(time()))).expect("requests")
        }
    }
}

fn minute(rng: &Rng, number: i64) -> Vec<Datum> {
    let at = Timestamp::from_secs(BEGIN + number * 60);
    let mut data = Vec::new();
    for (kind, count) in KINDS {
        let values = values(kind, number, rng);
        data.extend((0..count).map(|series| Datum {
            metric: metric(kind, series),
            unit: Unit::NONE,
            at,
            high_resolution: false,
            values: values.clone(),
        }));
    }
    data
}

/// Bytes of a tier's blocks in the database, of all series of a kind.
fn bytes_of(series: &Series, tier: Tier, kind: &str) -> usize {
    let ids = series.find(|listed| listed.metric.name == kind);
    let ids: Vec<u32> = ids.iter().map(|listed| listed.id.0).collect();
    let read = series.database.begin_read().expect("a read");
    let blocks = read.open_table(BLOCKS).expect("blocks");
    let all = blocks.range((tier as u8, 0, 0)..(tier as u8 + 1, 0, 0)).expect("a range");
    let all = all.map(|block| block.expect("a block"));
    all.filter(|(key, _)| ids.contains(&key.value().2)).map(|(_, block)| block.value().len()).sum()
}

#[test]
fn a_month_of_a_ten_task_service_fits_in_tens_of_megabytes() {
    let dir = tempfile::tempdir().expect("a directory");
    let series = opened(dir.path());
    let rng = Rng::seeded(1);
    for number in 0..MINUTES {
        series.put(&minute(&rng, number)).expect("a put");
    }
    series.checkpoint(Timestamp::from_secs(BEGIN + MINUTES * 60)).expect("a checkpoint");
    let mut told = String::new();
    let mut month = 0;
    for (kind, count) in KINDS {
        write!(told, "{kind} x {count}:").expect("a string");
        for tier in [Tier::Minute, Tier::FiveMinutes, Tier::Hour] {
            let day = bytes_of(&series, tier, kind) * 4;
            let days = (tier.kept() / 86_400).min(30) as usize;
            month += day * days;
            write!(told, " {} kB", day * days / 1000).expect("a string");
        }
        told.push('\n');
    }
    writeln!(told, "a month: {} MB", month / 1_000_000).expect("a string");
    expect![[r#"
        Busy x 17: 16152 kB 14377 kB 3137 kB
        Held x 5: 2215 kB 1248 kB 169 kB
        Constant x 28: 136 kB 90 kB 90 kB
        Counted x 45: 3045 kB 1274 kB 237 kB
        Timed x 4: 16650 kB 7103 kB 851 kB
        a month: 66 MB
    "#]]
    .assert_eq(&told);
}
