//! Log files: which events go into which, under what name. Pure but for the
//! names, which end in chance. Source: "CloudTrail log file examples" in the user guide.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use neargate_api::model::cloudtrail::Trail;
use neargate_api::{Rng, Timestamp};
use neargate_api_cloudtrail::object_prefix;
use neargate_eventlog::Entry;

/// A file to be put.
pub struct File {
    pub key: String,
    pub bytes: Vec<u8>,
}

/// One file for each region that has events.
pub fn files(
    trail: &Trail,
    account: &str,
    events: &[Entry],
    now: Timestamp,
    rng: &Rng,
) -> Vec<File> {
    let mut regions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for event in events {
        regions.entry(&event.region).or_default().push(event.record.get());
    }
    let prefix = object_prefix(trail.key_prefix.as_deref(), account);
    let file = |(region, records): (&str, Vec<&str>)| {
        let (day, minute) = (now.format("%Y/%m/%d"), now.format("%Y%m%dT%H%MZ"));
        let unique = rng.letters(16);
        let name = format!("{account}_CloudTrail_{region}_{minute}_{unique}.json.gz");
        let text = format!("{{\"Records\":[{}]}}", records.join(","));
        File { key: format!("{prefix}CloudTrail/{region}/{day}/{name}"), bytes: gzip(&text) }
    };
    regions.into_iter().map(file).collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}
