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
            self.comparison.breaches(point.value, self.threshold) == (to == AlarmState::Alarm)
        };
        let crossing: Vec<String> = evaluated.iter().filter(crosses).map(shown).collect();
        let count = crossing.len();
        let minimum = match to {
            AlarmState::Alarm => self.needed,
            _ => self.periods + 1 - self.needed,
        };
        let mut reason = format!(
            "Threshold Crossed: {count} out of the last {} datapoints [{}] {} {}{} the threshold ({})",
            self.periods,
            crossing.join(", "),
            if count == 1 { "was" } else { "were" },
            if to == AlarmState::Alarm { "" } else { "not " },
            self.comparison.words(),
            number(self.threshold),
        );
        let (from, to) = (from.name(), to.name());
        let minimum = plural(minimum, "datapoint");
        reason.push_str(&format!(" (minimum {minimum} for {from} -> {to} transition)."));
        reason
    }
}

impl Comparison {
    fn words(self) -> &'static str {
        match self {
            Comparison::Greater => "greater than",
            Comparison::GreaterOrEqual => "greater than or equal to",
            Comparison::Less => "less than",
            Comparison::LessOrEqual => "less than or equal to",
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
