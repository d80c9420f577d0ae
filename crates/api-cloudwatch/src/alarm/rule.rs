//! The rule of a composite alarm: read, and evaluated over the states of the alarms that it names.
//! Pure.
//!
//! ```text
//! rule  = all { OR all }          all = term { AND term }
//! term  = NOT term | ( rule ) | TRUE | FALSE | STATE ( name )
//!       | AT_LEAST ( count or n% , [NOT] STATE , ( name { , name } ) )
//! STATE = ALARM | OK | INSUFFICIENT_DATA        name: bare or quoted; a name or an ARN
//! ```

use std::collections::BTreeSet;

use neargate_api::model::cloudwatch::AlarmState;

/// Why a rule is refused, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed(pub String);

#[derive(Debug, PartialEq)]
pub enum Rule {
    Any(Vec<Rule>),
    All(Vec<Rule>),
    Not(Box<Rule>),
    Constant(bool),
    Is { state: AlarmState, alarm: String },
    AtLeast { part: Part, of: Vec<Rule> },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    Count(f64),
    Percent(f64),
}

/// How deep a rule may be nested.
const DEPTH: usize = 64;

pub fn parse(rule: &str) -> Result<Rule, Malformed> {
    let mut reader = Reader { text: rule, at: 0, depth: 0 };
    let parsed = reader.rule()?;
    match reader.rest().is_empty() {
        true => Ok(parsed),
        false => Err(reader.wrong("AND, OR or the end")),
    }
}

/// The names of the alarms in a rule.
pub fn alarms(rule: &str) -> Result<BTreeSet<String>, Malformed> {
    let mut names = BTreeSet::new();
    parse(rule)?.collect(&mut names);
    Ok(names)
}

impl Rule {
    fn collect(&self, names: &mut BTreeSet<String>) {
        match self {
            Rule::Any(rules) | Rule::All(rules) | Rule::AtLeast { of: rules, .. } => {
                rules.iter().for_each(|rule| rule.collect(names));
            }
            Rule::Not(rule) => rule.collect(names),
            Rule::Constant(_) => {}
            Rule::Is { alarm, .. } => {
                names.insert(alarm.clone());
            }
        }
    }

    /// Whether it holds. An alarm that is not there is in no state.
    pub fn holds(&self, state_of: &dyn Fn(&str) -> Option<AlarmState>) -> bool {
        match self {
            Rule::Any(rules) => rules.iter().any(|rule| rule.holds(state_of)),
            Rule::All(rules) => rules.iter().all(|rule| rule.holds(state_of)),
            Rule::Not(rule) => !rule.holds(state_of),
            Rule::Constant(holds) => *holds,
            Rule::Is { state, alarm } => state_of(alarm) == Some(*state),
            Rule::AtLeast { part, of } => {
                let holding = of.iter().filter(|rule| rule.holds(state_of)).count() as f64;
                match part {
                    Part::Count(count) => holding >= *count,
                    Part::Percent(percent) => holding * 100.0 >= percent * of.len() as f64,
                }
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
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

    fn need(&mut self, sign: &str) -> Result<(), Malformed> {
        if self.take(sign) { Ok(()) } else { Err(self.wrong(&format!("'{sign}'"))) }
    }

    fn rule(&mut self) -> Result<Rule, Malformed> {
        let mut any = vec![self.all()?];
        while self.take("OR") {
            any.push(self.all()?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Rule::Any(any) })
    }

    fn all(&mut self) -> Result<Rule, Malformed> {
        let mut all = vec![self.term()?];
        while self.take("AND") {
            all.push(self.term()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Rule::All(all) })
    }

    fn term(&mut self) -> Result<Rule, Malformed> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Malformed("it is nested too deeply".into()));
        }
        let term = self.shallow_term();
        self.depth -= 1;
        term
    }

    fn shallow_term(&mut self) -> Result<Rule, Malformed> {
        if self.take("NOT") {
            return Ok(Rule::Not(Box::new(self.term()?)));
        }
        if self.take("(") {
            let inner = self.rule()?;
            self.need(")")?;
            return Ok(inner);
        }
        if self.take("TRUE") {
            return Ok(Rule::Constant(true));
        }
        if self.take("FALSE") {
            return Ok(Rule::Constant(false));
        }
        if self.take("AT_LEAST") {
            return self.at_least();
        }
        let Some(state) = self.state() else { return Err(self.wrong("a condition")) };
        self.need("(")?;
        let alarm = self.name(&[')'])?;
        self.need(")")?;
        Ok(Rule::Is { state, alarm })
    }

    fn state(&mut self) -> Option<AlarmState> {
        let states = [AlarmState::Alarm, AlarmState::Ok, AlarmState::InsufficientData];
        states.into_iter().find(|state| self.take(state.name()))
    }

    fn at_least(&mut self) -> Result<Rule, Malformed> {
        self.need("(")?;
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let Ok(number) = rest[..end].parse::<f64>() else { return Err(self.wrong("a number")) };
        self.at += end;
        let part = if self.take("%") { Part::Percent(number) } else { Part::Count(number) };
        self.need(",")?;
        let is_negated = self.take("NOT");
        let Some(state) = self.state() else { return Err(self.wrong("a state")) };
        self.need(",")?;
        self.need("(")?;
        let mut of = Vec::new();
        loop {
            let is = Rule::Is { state, alarm: self.name(&[',', ')'])? };
            of.push(if is_negated { Rule::Not(Box::new(is)) } else { is });
            if !self.take(",") {
                break;
            }
        }
        self.need(")")?;
        self.need(")")?;
        Ok(Rule::AtLeast { part, of })
    }

    fn name(&mut self, ends: &[char]) -> Result<String, Malformed> {
        let rest = self.rest();
        let (name, length) = match rest.strip_prefix(['"', '\'']) {
            Some(quoted) => {
                let quote = &rest[..1];
                let end = quoted.find(quote).ok_or_else(|| self.wrong("a closing quote"))?;
                (&quoted[..end], end + 2)
            }
            None => {
                let end = rest.find(ends).ok_or_else(|| self.wrong("')'"))?;
                (rest[..end].trim_end(), end)
            }
        };
        if name.is_empty() {
            return Err(self.wrong("an alarm's name"));
        }
        self.at += length;
        Ok(super::name_of(name).to_owned())
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
        check("AT_LEAST(50%, NOT OK, (a, \"b c\", d))", &["a", "b c", "d"]);
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
        assert_eq!(place(&"(".repeat(9999)), "it is nested too deeply");
    }

    #[test]
    fn rules_hold_by_the_states_of_their_alarms() {
        let state_of = |name: &str| match name {
            "a" => Some(AlarmState::Alarm),
            "o" => Some(AlarmState::Ok),
            "i" => Some(AlarmState::InsufficientData),
            _ => None,
        };
        let table = [
            ("ALARM(a)", true),
            ("ALARM(o) OR ALARM(a)", true),
            ("ALARM(o) AND ALARM(a)", false),
            // AND binds before OR, NOT before both.
            ("ALARM(a) OR ALARM(a) AND ALARM(o)", true),
            ("NOT ALARM(o) AND OK(o)", true),
            ("(ALARM(a) OR TRUE) AND FALSE", false),
            ("INSUFFICIENT_DATA(i)", true),
            ("ALARM(nobody) OR OK(nobody)", false),
            ("AT_LEAST(1, ALARM, (a, o, i))", true),
            ("AT_LEAST(2, ALARM, (a, o, i))", false),
            ("AT_LEAST(2, NOT ALARM, (a, o, i))", true),
            ("AT_LEAST(50%, ALARM, (a, o))", true),
            ("AT_LEAST(51%, ALARM, (a, o))", false),
        ];
        for (rule, holds) in table {
            assert_eq!(parse(rule).unwrap().holds(&state_of), holds, "{rule}");
        }
    }
}
