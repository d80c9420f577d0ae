//! Load balancer capacity units: what a load balancer is paid by. Pure.
//!
//! One unit is 25 new connections a second, 3000 active ones a minute, 1 GB an hour, or 1000 rule
//! evaluations a second beyond ten for each request; the highest of them counts.
//!
//! Source: "Elastic Load Balancing pricing".

/// A minute of a load balancer.
#[derive(Clone, Copy, Default)]
pub struct Load {
    pub requests: u64,
    pub new_connections: u64,
    pub active_connections: u64,
    pub bytes: u64,
    pub rules_evaluated: u64,
}

/// Rules that are evaluated for nothing, for each request.
const FREE_RULES: u64 = 10;

impl Load {
    /// The units of the minute, as a part of an hour: so an hour's sum is what is paid for it.
    pub fn consumed_units(self) -> f64 {
        let rules = self.rules_evaluated.saturating_sub(self.requests * FREE_RULES);
        let dimensions = [
            self.new_connections as f64 / 60.0 / 25.0,
            self.active_connections as f64 / 3000.0,
            self.bytes as f64 * 60.0 / 1e9,
            rules as f64 / 60.0 / 1000.0,
        ];
        dimensions.into_iter().fold(0.0, f64::max) / 60.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_dimension_counts() {
        let an_hour = |load: Load| load.consumed_units() * 60.0;
        let none = Load::default();
        assert_eq!(an_hour(Load { new_connections: 60 * 50, ..none }), 2.0);
        assert_eq!(an_hour(Load { active_connections: 3000, bytes: 1000, ..none }), 1.0);
        assert_eq!(an_hour(Load { bytes: 1_000_000_000 / 20, ..none }), 3.0);
        assert_eq!(an_hour(Load { requests: 1000, rules_evaluated: 10_000, ..none }), 0.0);
    }
}
