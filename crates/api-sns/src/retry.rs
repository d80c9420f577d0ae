//! How often a delivery is tried, and when. Pure.
//!
//! ```text
//! the first try ─▶ no delay × n ─▶ the least delay × n ─▶ backoff from least to most ─▶ the most × n
//! ```
//!
//! Source: "Amazon SNS message delivery retries" in the developer guide.

use serde_json::Value;

/// The retries of an endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    min_delay_s: f64,
    max_delay_s: f64,
    retries: u32,
    no_delay: u32,
    min_delay: u32,
    max_delay: u32,
    backoff: Backoff,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Backoff {
    Linear,
    Arithmetic,
    Geometric,
    Exponential,
}

impl Retry {
    /// What HTTP endpoints have where neither the topic nor the subscription says more.
    const HTTP: Retry = Retry {
        min_delay_s: 20.0,
        max_delay_s: 20.0,
        retries: 3,
        no_delay: 0,
        min_delay: 0,
        max_delay: 0,
        backoff: Backoff::Linear,
    };

    /// That of mail, which nobody can change: fifty tries within six hours.
    pub const MAIL: Retry = Retry {
        min_delay_s: 10.0,
        max_delay_s: 600.0,
        retries: 50,
        no_delay: 0,
        min_delay: 2,
        max_delay: 38,
        backoff: Backoff::Exponential,
    };

    /// Of a subscription by HTTP, out of its DeliveryPolicy and its topic's.
    pub fn http(topic: Option<&str>, subscription: Option<&str>) -> Self {
        let read = |text: Option<&str>| {
            let parsed = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
            parsed.unwrap_or_default()
        };
        let (topic, subscription) = (read(topic), read(subscription));
        let http = &topic["http"];
        let own = &subscription["healthyRetryPolicy"];
        let overridden = http["disableSubscriptionOverrides"] == true || own.is_null();
        let policy = if overridden { &http["defaultHealthyRetryPolicy"] } else { own };
        Retry::read(policy)
    }

    fn read(policy: &Value) -> Self {
        let number = |name: &str| policy[name].as_f64();
        let count = |name: &str, default: u32| policy[name].as_u64().map_or(default, |n| n as u32);
        let default = Retry::HTTP;
        let min_delay_s = number("minDelayTarget").unwrap_or(default.min_delay_s);
        Retry {
            min_delay_s,
            max_delay_s: number("maxDelayTarget").unwrap_or(default.max_delay_s).max(min_delay_s),
            retries: count("numRetries", default.retries),
            no_delay: count("numNoDelayRetries", default.no_delay),
            min_delay: count("numMinDelayRetries", default.min_delay),
            max_delay: count("numMaxDelayRetries", default.max_delay),
            backoff: match policy["backoffFunction"].as_str() {
                Some("arithmetic") => Backoff::Arithmetic,
                Some("geometric") => Backoff::Geometric,
                Some("exponential") => Backoff::Exponential,
                _ => Backoff::Linear,
            },
        }
    }

    /// Milliseconds until the next try after so many failures; `None` when it was the last.
    pub fn wait_millis(&self, failures: u32) -> Option<i64> {
        if failures > self.retries {
            return None;
        }
        let retry = failures.saturating_sub(1);
        let backoff_from = self.no_delay + self.min_delay;
        let backoff_count = self.retries.saturating_sub(backoff_from + self.max_delay);
        let delay_s = match retry {
            _ if retry < self.no_delay => 0.0,
            _ if retry < backoff_from => self.min_delay_s,
            _ if retry < backoff_from + backoff_count => {
                self.between(f64::from(retry - backoff_from), f64::from(backoff_count))
            }
            _ => self.max_delay_s,
        };
        Some((delay_s * 1000.0) as i64)
    }

    /// The delay of a step of the backoff, from the least to the most.
    fn between(&self, step: f64, steps: f64) -> f64 {
        let part = if steps <= 1.0 { 0.0 } else { step / (steps - 1.0) };
        let range = self.max_delay_s - self.min_delay_s;
        let bent = match self.backoff {
            Backoff::Linear => part,
            Backoff::Arithmetic => part * (part + 1.0) / 2.0,
            Backoff::Geometric => part * part,
            Backoff::Exponential => (2f64.powf(part * 10.0) - 1.0) / 1023.0,
        };
        self.min_delay_s + range * bent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(retry: &Retry) -> Vec<i64> {
        (1..).map_while(|failures| retry.wait_millis(failures)).map(|ms| ms / 1000).collect()
    }

    #[test]
    fn without_a_policy_three_tries_follow_at_twenty_seconds() {
        assert_eq!(waits(&Retry::http(None, None)), [20, 20, 20]);
    }

    #[test]
    fn phases_follow_each_other() {
        let own = r#"{"healthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 9, "numRetries": 9,
            "numNoDelayRetries": 1, "numMinDelayRetries": 2, "numMaxDelayRetries": 1}}"#;
        assert_eq!(waits(&Retry::http(None, Some(own))), [0, 1, 1, 1, 3, 5, 7, 9, 9]);
        let topic = r#"{"http": {"disableSubscriptionOverrides": true}}"#;
        assert_eq!(waits(&Retry::http(Some(topic), Some(own))), [20, 20, 20]);
    }

    #[test]
    fn mail_is_tried_for_hours() {
        let waits = waits(&Retry::MAIL);
        assert_eq!((waits.len(), waits[0], waits[2], waits[11], waits[49]), (50, 10, 10, 600, 600));
    }
}
