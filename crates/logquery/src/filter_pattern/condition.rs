//! Conditions joined by `&&`, `||` and parentheses, over whatever the language
//! calls a subject: a JSON selector, or the field itself.

use super::InvalidPattern;
use super::scanner::Scanner;

#[derive(Clone, Debug)]
pub(super) enum Condition<T> {
    All(Vec<Condition<T>>),
    Any(Vec<Condition<T>>),
    One(T),
}

impl<T> Condition<T> {
    /// Takes a whole expression; `one` takes a single condition.
    pub fn scan(
        scanner: &mut Scanner<'_>,
        one: &mut dyn FnMut(&mut Scanner<'_>) -> Result<T, InvalidPattern>,
    ) -> Result<Condition<T>, InvalidPattern> {
        let mut any = vec![Condition::scan_all(scanner, one)?];
        while scanner.take("||") {
            any.push(Condition::scan_all(scanner, one)?);
        }
        Ok(single_or(any, Condition::Any))
    }

    fn scan_all(
        scanner: &mut Scanner<'_>,
        one: &mut dyn FnMut(&mut Scanner<'_>) -> Result<T, InvalidPattern>,
    ) -> Result<Condition<T>, InvalidPattern> {
        let mut all = vec![Condition::scan_one(scanner, one)?];
        while scanner.take("&&") {
            all.push(Condition::scan_one(scanner, one)?);
        }
        Ok(single_or(all, Condition::All))
    }

    fn scan_one(
        scanner: &mut Scanner<'_>,
        one: &mut dyn FnMut(&mut Scanner<'_>) -> Result<T, InvalidPattern>,
    ) -> Result<Condition<T>, InvalidPattern> {
        scanner.skip_spaces();
        let condition = if scanner.take("(") {
            let inner = Condition::scan(scanner, one)?;
            if !scanner.take(")") {
                return Err(scanner.unexpected());
            }
            inner
        } else {
            Condition::One(one(scanner)?)
        };
        scanner.skip_spaces();
        Ok(condition)
    }

    pub fn holds(&self, one: &dyn Fn(&T) -> bool) -> bool {
        match self {
            Condition::All(conditions) => conditions.iter().all(|condition| condition.holds(one)),
            Condition::Any(conditions) => conditions.iter().any(|condition| condition.holds(one)),
            Condition::One(condition) => one(condition),
        }
    }

    /// How many single conditions `counts`.
    pub fn count(&self, counts: &dyn Fn(&T) -> bool) -> usize {
        match self {
            Condition::All(conditions) | Condition::Any(conditions) => {
                conditions.iter().map(|condition| condition.count(counts)).sum()
            }
            Condition::One(condition) => usize::from(counts(condition)),
        }
    }
}

fn single_or<T>(
    mut conditions: Vec<Condition<T>>,
    join: fn(Vec<Condition<T>>) -> Condition<T>,
) -> Condition<T> {
    match conditions.len() {
        1 => conditions.remove(0),
        _ => join(conditions),
    }
}
