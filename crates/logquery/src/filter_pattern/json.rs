//! JSON messages: `{ $.user.id = 1 && ($.actions[2] = "GET" || $.x NOT EXISTS) }`.
//!
//! A comparison only holds for a selector that leads to a string, a number or
//! a boolean: where it leads to an array, an object, null or nowhere, neither
//! `=` nor `!=` holds (the guide: "the filter will not be applied").

use serde_json::Value;

use super::InvalidPattern;
use super::condition::Condition;
use super::scanner::Scanner;
use super::test::Test;

/// A pattern takes at most so many regular expressions…
const MAX_REGEXES: usize = 2;
/// …and so many selectors with a wildcard, of one each.
const MAX_WILDCARDS: usize = 3;

#[derive(Clone, Debug)]
pub(super) struct Json {
    condition: Condition<Member>,
}

/// A condition on one member.
#[derive(Clone, Debug)]
struct Member {
    selector: Vec<Step>,
    check: Check,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Index(usize),
    /// Every member or element.
    Any,
}

#[derive(Clone, Debug)]
enum Check {
    Compare(Test),
    IsNull,
    Is(bool),
    NotExists,
    Exists,
}

impl Json {
    /// `pattern` is what is between the braces.
    pub fn parse(pattern: &str) -> Result<Json, InvalidPattern> {
        let mut scanner = Scanner::new(pattern);
        let condition = Condition::scan(&mut scanner, &mut Member::scan)?;
        if !scanner.is_at_end() {
            return Err(scanner.unexpected());
        }
        let regexes = |member: &Member| match &member.check {
            Check::Compare(test) => test.has_regex(),
            _ => false,
        };
        let wildcards = |member: &Member| member.selector.contains(&Step::Any);
        if condition.count(&regexes) > MAX_REGEXES || condition.count(&wildcards) > MAX_WILDCARDS {
            return Err(InvalidPattern::Malformed);
        }
        Ok(Json { condition })
    }

    pub fn matches(&self, message: &str) -> bool {
        self.find(message).is_some()
    }

    /// The message, when it matches.
    pub fn find(&self, message: &str) -> Option<Value> {
        // Most lines that are not JSON are told by their first character.
        if !message.trim_start().starts_with(['{', '[']) {
            return None;
        }
        let message = serde_json::from_str::<Value>(message).ok()?;
        self.condition.holds(&|member| member.holds(&message)).then_some(message)
    }
}

impl Member {
    fn scan(scanner: &mut Scanner<'_>) -> Result<Member, InvalidPattern> {
        let selector = scan_selector(scanner)?;
        scanner.skip_spaces();
        let check = if scanner.take_word("IS") {
            scanner.skip_spaces();
            match () {
                () if scanner.take_word("NULL") => Check::IsNull,
                () if scanner.take_word("TRUE") => Check::Is(true),
                () if scanner.take_word("FALSE") => Check::Is(false),
                () => return Err(InvalidPattern::Malformed),
            }
        } else if scanner.take_word("NOT") {
            scanner.skip_spaces();
            match scanner.take_word("EXISTS") {
                true => Check::NotExists,
                false => return Err(InvalidPattern::Malformed),
            }
        } else if scanner.take_word("EXISTS") {
            Check::Exists
        } else {
            Check::Compare(Test::scan(scanner)?)
        };
        Ok(Member { selector, check })
    }

    fn holds(&self, message: &Value) -> bool {
        let mut found = Vec::new();
        select(message, &self.selector, &mut found);
        match &self.check {
            Check::NotExists => found.is_empty(),
            Check::Exists => !found.is_empty(),
            Check::IsNull => found.iter().any(|value| value.is_null()),
            Check::Is(expected) => found.iter().any(|value| value.as_bool() == Some(*expected)),
            Check::Compare(test) => found.iter().any(|value| accepts(test, value)),
        }
    }
}

fn accepts(test: &Test, value: &Value) -> bool {
    match value {
        Value::String(text) => test.accepts_text(text),
        Value::Bool(value) => test.accepts_text(if *value { "true" } else { "false" }),
        Value::Number(number) => {
            let value = number.as_f64();
            value.is_some_and(|value| test.accepts_number(value, &number.to_string()))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// All values that the steps lead to.
pub(super) fn select<'a>(value: &'a Value, steps: &[Step], found: &mut Vec<&'a Value>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(value);
        return;
    };
    match step {
        Step::Name(name) => {
            value.get(name).into_iter().for_each(|value| select(value, rest, found));
        }
        Step::Index(index) => {
            value.get(*index).into_iter().for_each(|value| select(value, rest, found));
        }
        Step::Any => match value {
            Value::Array(values) => values.iter().for_each(|value| select(value, rest, found)),
            Value::Object(members) => members.values().for_each(|value| select(value, rest, found)),
            _ => {}
        },
    }
}

/// Takes `$` and its steps: `.name`, `.*`, `[0]`, `[*]`, `["a name"]`.
pub(super) fn scan_selector(scanner: &mut Scanner<'_>) -> Result<Vec<Step>, InvalidPattern> {
    if !scanner.take("$") {
        return Err(scanner.unexpected());
    }
    let mut steps = Vec::new();
    loop {
        if scanner.take(".") {
            if scanner.take("*") {
                steps.push(Step::Any);
            } else if scanner.peek() != Some('[') {
                let name = scanner.take_while(|next| next.is_alphanumeric() || "_-".contains(next));
                if name.is_empty() {
                    let next = scanner.peek().map_or(String::new(), String::from);
                    return Err(InvalidPattern::Characters(format!("$.{next}")));
                }
                steps.push(Step::Name(name.to_owned()));
            }
        } else if scanner.take("[") {
            steps.push(scan_bracket(scanner)?);
        } else {
            break;
        }
    }
    let wildcards = steps.iter().filter(|step| **step == Step::Any).count();
    if steps.is_empty() || wildcards > 1 {
        return Err(InvalidPattern::Malformed);
    }
    Ok(steps)
}

fn scan_bracket(scanner: &mut Scanner<'_>) -> Result<Step, InvalidPattern> {
    let step = match scanner.peek() {
        Some(quote @ ('"' | '\'')) => Step::Name(scanner.take_quoted(quote)?),
        Some('*') => {
            scanner.take("*");
            Step::Any
        }
        _ => {
            let digits = scanner.take_while(|next| next.is_ascii_digit());
            Step::Index(digits.parse().map_err(|_| scanner.unexpected())?)
        }
    };
    match scanner.take("]") {
        true => Ok(step),
        false => Err(scanner.unexpected()),
    }
}
