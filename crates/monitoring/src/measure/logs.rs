//! The metrics of `AWS/Logs`: what log groups have got in a minute, each and all together. Pure.
//!
//! Source: "Monitoring with CloudWatch metrics" in the CloudWatch Logs guide.

use std::collections::HashMap;

use neargate_api::Snapshot;
use neargate_api::model::logs::LogGroup;
use neargate_loglines::Incoming;
use neargate_series::{Metric, StatisticSet, Unit};

use crate::told::Told;

const NAMESPACE: &str = "AWS/Logs";

/// Tells all groups that have got something, by their names in `neargate-loglines`.
pub fn tell(snapshot: &Snapshot, incoming: &HashMap<String, Incoming>, told: &mut Told) {
    for group in snapshot.all::<LogGroup>() {
        let Some(counts) = incoming.get(&group.lines_key()) else { continue };
        let values = [
            ("IncomingBytes", Unit::BYTES, counts.bytes),
            ("IncomingLogEvents", Unit::COUNT, counts.events),
        ];
        for (name, unit, value) in values {
            let own = [("LogGroupName", group.name.as_str())];
            for dimensions in [&own[..], &[]] {
                let dimensions = dimensions.iter().copied();
                let metric = Metric::new(&group.region, NAMESPACE, name, dimensions);
                told.count(metric, unit, StatisticSet::of(value as f64));
            }
        }
    }
}
