//! What identifies a series: region, namespace, name, dimensions, and the unit of its values.

use serde::{Deserialize, Serialize};

/// A metric. Dimensions are in the order of their names, so that equal metrics are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Metric {
    pub region: String,
    pub namespace: String,
    pub name: String,
    dimensions: Vec<(String, String)>,
}

impl Metric {
    pub fn new(
        region: impl Into<String>,
        namespace: impl Into<String>,
        name: impl Into<String>,
        dimensions: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        let mut dimensions: Vec<(String, String)> =
            dimensions.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        dimensions.sort();
        Metric { region: region.into(), namespace: namespace.into(), name: name.into(), dimensions }
    }

    /// Its dimensions, by name.
    pub fn dimensions(&self) -> &[(String, String)] {
        &self.dimensions
    }

    /// A dimension's value.
    pub fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// One of CloudWatch's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unit(u8);

/// CloudWatch's `StandardUnit`. Their places are on disk: only ever append.
const UNITS: [&str; 27] = [
    "None",
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
];

impl Unit {
    pub const NONE: Unit = Unit(0);
    pub const SECONDS: Unit = Unit(1);
    pub const BYTES: Unit = Unit(4);
    pub const MEGABYTES: Unit = Unit(6);
    pub const GIGABYTES: Unit = Unit(7);
    pub const PERCENT: Unit = Unit(14);
    pub const COUNT: Unit = Unit(15);
    pub const BYTES_PER_SECOND: Unit = Unit(16);
    pub const COUNT_PER_SECOND: Unit = Unit(26);

    /// By AWS's name.
    pub fn named(name: &str) -> Option<Unit> {
        UNITS.iter().position(|own| *own == name).map(|place| Unit(place as u8))
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        UNITS.get(usize::from(self.0)).copied().unwrap_or(UNITS[0])
    }
}
