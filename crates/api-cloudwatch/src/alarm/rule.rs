//! The rule of a composite alarm: which alarms it names. Pure.
//!
//! ```text
//! rule  = term { (AND | OR) term }
//! term  = NOT term | ( rule ) | TRUE | FALSE | STATE ( name )
//! STATE = ALARM | OK | INSUFFICIENT_DATA        name: bare or quoted; a name or an ARN
//! ```

use std::collections::BTreeSet;

/// Why a rule is refused, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed(pub String);

/// The names of the alarms in a rule.
pub fn alarms(rule: &str) -> Result<BTreeSet<String>, Malformed> {
    let mut reader = Reader { text: rule, at: 0, alarms: BTreeSet::new() };
    reader.rule()?;
    match reader.rest().is_empty() {
        true => Ok(reader.alarms),
        false => Err(reader.wrong("AND, OR or the end")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    alarms: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    /// What is left, from the next thing that is no white space.
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    fn wrong(&self, expected: &str) -> Malformed {
        Malformed(format!("expected {expected} at character {}", self.at + 1))
    }

    /// Takes `word` if it is next; the case of keywords does not matter.
    fn take(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let taken = rest.get(..word.len()).is_some_and(|next| next.eq_ignore_ascii_case(word));
        let whole = !word.ends_with(|c: char| c.is_alphabetic())
            || !rest[word.len().min(rest.len())..]
                .starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if taken && whole {
            self.at += word.len();
        }
        taken && whole
    }

    fn rule(&mut self) -> Result<(), Malformed> {
        self.term()?;
        while self.take("AND") || self.take("OR") {
            self.term()?;
        }
        Ok(())
    }

    fn term(&mut self) -> Result<(), Malformed> {
        while self.take("NOT") {}
        if self.take("(") {
            self.rule()?;
            return self.close();
        }
        if self.take("TRUE") || self.take("FALSE") {
            return Ok(());
        }
        if self.take("ALARM") || self.take("OK") || self.take("INSUFFICIENT_DATA") {
            if !self.take("(") {
                return Err(self.wrong("'('"));
            }
            let name = self.name()?;
            self.alarms.insert(name);
            return self.close();
        }
        Err(self.wrong("a condition"))
    }

    fn close(&mut self) -> Result<(), Malformed> {
        if self.take(")") { Ok(()) } else { Err(self.wrong("')'")) }
    }

    fn name(&mut self) -> Result<String, Malformed> {
        let rest = self.rest();
        let (name, length) = match rest.strip_prefix(['"', '\'']) {
            Some(quoted) => {
                let quote = &rest[..1];
                let end = quoted.find(quote).ok_or_else(|| self.wrong("a closing quote"))?;
                (&quoted[..end], end + 2)
            }
            None => {
                let end = rest.find(')').ok_or_else(|| self.wrong("')'"))?;
                (rest[..end].trim_end(), end)
            }
        };
        if name.is_empty() {
            return Err(self.wrong("an alarm's name"));
        }
        self.at += length;
        let name = match name.starts_with("arn:") {
            true => name.split_once(":alarm:").map_or(name, |(_, name)| name),
            false => name,
        };
        Ok(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: &str, names: &[&str]) {
        let found: Vec<String> = alarms(rule).unwrap().into_iter().collect();
        assert_eq!(found, names);
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        check("ALARM(cpu)", &["cpu"]);
        check(
            "ALARM(\"cpu high\") AND (OK(b) OR NOT INSUFFICIENT_DATA('c'))",
            &["b", "c", "cpu high"],
        );
        check("ALARM(arn:aws:cloudwatch:us-west-2:000000000000:alarm:a) or TRUE", &["a"]);
        check("NOT (FALSE)", &[]);
    }

    #[test]
    fn what_is_no_rule_is_refused_with_its_place() {
        let place = |rule: &str| alarms(rule).unwrap_err().0;
        assert_eq!(place("ALARM(a) AND"), "expected a condition at character 13");
        assert_eq!(place("ALARM(a) ALARM(b)"), "expected AND, OR or the end at character 10");
        assert_eq!(place("(ALARM(a)"), "expected ')' at character 10");
        assert_eq!(place("ALARM()"), "expected an alarm's name at character 7");
        assert_eq!(place("ALARMS(a)"), "expected a condition at character 1");
        assert_eq!(place("ALARM(\"a)"), "expected a closing quote at character 7");
    }
}
