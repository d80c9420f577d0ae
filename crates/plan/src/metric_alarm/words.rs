//! AWS's words for why an alarm is in its state.

use neargate_model::cloudwatch::AlarmState;

use super::{Comparison, Condition, Datapoint, Missing};

impl Condition {
    /// Why the alarm comes from one state to another.
    pub(super) fn reason(
        &self,
        evaluated: &[Datapoint],
        filled: usize,
        from: AlarmState,
        to: AlarmState,
    ) -> String {
        if to == AlarmState::InsufficientData {
            return format!("Insufficient Data: {} unknown.", counted(filled, "datapoint"));
        }
        if evaluated.is_empty() {
            let treated = match self.missing {
                Missing::Breaching => "Breaching",
                _ => "NonBreaching",
            };
            return format!(
                "Threshold Crossed: no datapoints were received for {} and {} treated as [{treated}].",
                plural(filled, "period"),
                counted(filled, "missing datapoint"),
            );
        }
        let crosses = |point: &&Datapoint| {
            self.comparison.breaches(point, self.threshold) == (to == AlarmState::Alarm)
        };
        let crossing: Vec<String> = evaluated.iter().filter(crosses).map(shown).collect();
        let count = crossing.len();
        let minimum = match to {
            AlarmState::Alarm => self.needed,
            _ => self.periods + 1 - self.needed,
        };
        let against = match self.comparison.is_with_band() {
            false => {
                format!("{} the threshold ({})", self.comparison.words(), number(self.threshold))
            }
            true => self.bands(evaluated.iter().filter(crosses)),
        };
        let mut reason = format!(
            "{} Crossed: {count} out of the last {} datapoints [{}] {} {}{against}",
            if self.comparison.is_with_band() { "Thresholds" } else { "Threshold" },
            self.periods,
            crossing.join(", "),
            if count == 1 { "was" } else { "were" },
            if to == AlarmState::Alarm { "" } else { "not " },
        );
        let (from, to) = (from.name(), to.name());
        let minimum = plural(minimum, "datapoint");
        reason.push_str(&format!(" (minimum {minimum} for {from} -> {to} transition)."));
        reason
    }
}

impl Condition {
    /// `greater than the upper thresholds [3.0]`
    fn bands<'a>(&self, points: impl Iterator<Item = &'a Datapoint>) -> String {
        let (mut lower, mut upper) = (Vec::new(), Vec::new());
        for (low, high) in points.filter_map(|point| point.band) {
            lower.push(number(low));
            upper.push(number(high));
        }
        let below = format!("less than the lower thresholds [{}]", lower.join(", "));
        let above = format!("greater than the upper thresholds [{}]", upper.join(", "));
        match self.comparison {
            Comparison::BelowBand => below,
            Comparison::AboveBand => above,
            _ => format!("{below} or {above}"),
        }
    }
}

impl Comparison {
    fn words(self) -> &'static str {
        match self {
            Comparison::Greater => "greater than",
            Comparison::GreaterOrEqual => "greater than or equal to",
            Comparison::Less => "less than",
            Comparison::LessOrEqual => "less than or equal to",
            Comparison::OutsideBand | Comparison::BelowBand | Comparison::AboveBand => "outside",
        }
    }
}

/// `99.5 (28/11/26 04:00:00)`, as AWS writes the day.
fn shown(point: &Datapoint) -> String {
    format!("{} ({})", number(point.value), point.at.format("%d/%m/%y %H:%M:%S"))
}

/// Always with a decimal, as AWS has it.
fn number(value: f64) -> String {
    format!("{value:?}")
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn counted(count: usize, what: &str) -> String {
    format!("{} {}", plural(count, what), if count == 1 { "was" } else { "were" })
}
