//! A resource's `timeouts`: how long is waited for what AWS does by itself, in place of what this
//! provider thinks right. Durations are Go's: `90m`, `2h30m`, `1.5h`, `45s`.

use std::time::Duration;

use neargate_hcl::Diagnostic;
use neargate_stack::provider::Problems;

use crate::attributes::Attributes;

/// What `timeouts` says of a verb: `create`, `update` or `delete`.
pub fn of(attributes: &Attributes, verb: &str) -> Option<Duration> {
    let timeouts = Attributes::from(attributes.get("timeouts").clone());
    timeouts.text(verb).and_then(duration)
}

/// Those that are no durations.
pub fn problems(config: &Attributes) -> Problems {
    let given = config.get("timeouts").as_object().into_iter().flatten();
    let texts = given.filter_map(|(verb, value)| Some((verb, value.as_str()?)));
    let wrong = texts.filter(|(_, text)| duration(text).is_none());
    wrong
        .map(|(verb, text)| {
            let detail = format!(
                "timeouts.{verb} is {text:?}, which is no duration. Write one such as \"45s\", \"90m\" or \"2h30m\"."
            );
            Diagnostic::error("Invalid timeout", detail)
        })
        .collect()
}

/// The units, longest name first: `ms` is no `m`.
const UNITS: [(&str, f64); 6] =
    [("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];

fn duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let (unit, factor) = UNITS.iter().find(|(unit, _)| rest[end..].starts_with(unit))?;
        seconds += number * factor;
        rest = &rest[end + unit.len()..];
    }
    (!text.is_empty()).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        let seconds = |text: &str| duration(text).map(|found| found.as_secs_f64());
        assert_eq!(seconds("90m"), Some(5400.0));
        assert_eq!(seconds("2h30m"), Some(9000.0));
        assert_eq!(seconds("1.5h"), Some(5400.0));
        assert_eq!(seconds("250ms"), Some(0.25));
        assert_eq!(seconds("0"), Some(0.0));
        for text in ["", "5", "m", "5 m", "5m3", "-5m", "1.2.3s", "5d"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_timeout_is_of_its_verb() {
        let config = Attributes::from(json!({ "timeouts": { "create": "5m", "delete": "soon" } }));
        assert_eq!(of(&config, "create"), Some(Duration::from_secs(300)));
        assert_eq!(of(&config, "update"), None);
        let told: Vec<String> = problems(&config).into_iter().map(|told| told.detail).collect();
        assert_eq!(
            told,
            [
                "timeouts.delete is \"soon\", which is no duration. Write one such as \"45s\", \"90m\" or \"2h30m\"."
            ]
        );
    }
}
