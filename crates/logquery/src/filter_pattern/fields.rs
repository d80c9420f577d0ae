//! Space-delimited messages: `[ip, user, ..., status = 4*, bytes > 1000]`. A
//! field is a word, or everything between `[` and `]` or between two quotes.
//! The message must have exactly as many fields as the pattern names, unless
//! `...` stands for any number of them.

use std::collections::BTreeMap;

use super::InvalidPattern;
use super::condition::Condition;
use super::scanner::Scanner;
use super::test::Test;

/// A pattern takes at most so many regular expressions.
const MAX_REGEXES: usize = 2;

#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// Those before `...`, or all.
    leading: Vec<Field>,
    /// Those behind `...`, when there is one.
    trailing: Option<Vec<Field>>,
}

#[derive(Clone, Debug)]
struct Field {
    name: String,
    condition: Option<Condition<Test>>,
}

impl Fields {
    pub fn parse(pattern: &str) -> Result<Fields, InvalidPattern> {
        let mut scanner = Scanner::new(pattern);
        let mut leading = Vec::new();
        let mut trailing: Option<Vec<Field>> = None;
        loop {
            scanner.skip_spaces();
            if scanner.take("...") || scanner.take("…") {
                scanner.skip_spaces();
                if trailing.replace(Vec::new()).is_some() {
                    return Err(InvalidPattern::Malformed);
                }
            } else {
                let field = Field::scan(&mut scanner)?;
                trailing.as_mut().unwrap_or(&mut leading).push(field);
            }
            if scanner.is_at_end() {
                break;
            }
            if !scanner.take(",") {
                return Err(scanner.unexpected());
            }
        }
        let fields = Fields { leading, trailing };
        let conditions = fields.all().filter_map(|field| field.condition.as_ref());
        let regexes: usize = conditions.map(|condition| condition.count(&Test::has_regex)).sum();
        match regexes > MAX_REGEXES {
            true => Err(InvalidPattern::Malformed),
            false => Ok(fields),
        }
    }

    pub fn matches(&self, message: &str) -> bool {
        self.assign(&words(message)).is_some()
    }

    /// The words of a message that it matches, each by its place (`$1`) and, where its field has
    /// one, by its name.
    pub fn find<'a>(&self, message: &'a str) -> Option<BTreeMap<String, &'a str>> {
        let words = words(message);
        let fields = self.assign(&words)?;
        let mut found = BTreeMap::new();
        for (at, (word, field)) in words.iter().zip(fields).enumerate() {
            found.insert(format!("${}", at + 1), *word);
            if let Some(field) = field.filter(|field| !field.name.is_empty()) {
                found.insert(format!("${}", field.name), *word);
            }
        }
        Some(found)
    }

    pub fn extract(&self, message: &str) -> BTreeMap<String, String> {
        let words = words(message);
        let Some(fields) = self.assign(&words) else { return BTreeMap::new() };
        let name = |at: usize, field: Option<&Field>| match field {
            Some(field) if !field.name.is_empty() => format!("${}", field.name),
            _ => format!("${}", at + 1),
        };
        let values = words.iter().zip(fields).enumerate();
        values.map(|(at, (word, field))| (name(at, field), (*word).to_owned())).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Field> {
        self.leading.iter().chain(self.trailing.iter().flatten())
    }

    /// The field that each word belongs to (none for those of `...`), when all
    /// their conditions hold.
    fn assign(&self, words: &[&str]) -> Option<Vec<Option<&Field>>> {
        let trailing = self.trailing.as_deref().unwrap_or_default();
        let skipped = words.len().checked_sub(self.leading.len() + trailing.len())?;
        if self.trailing.is_none() && skipped > 0 {
            return None;
        }
        let mut fields: Vec<Option<&Field>> = self.leading.iter().map(Some).collect();
        fields.extend(std::iter::repeat_n(None, skipped));
        fields.extend(trailing.iter().map(Some));
        let accepts =
            |(word, field): (&&str, &Option<&Field>)| field.is_none_or(|field| field.accepts(word));
        words.iter().zip(&fields).all(accepts).then_some(fields)
    }
}

impl Field {
    /// Takes a name, which may be absent, and the conditions on it.
    fn scan(scanner: &mut Scanner<'_>) -> Result<Field, InvalidPattern> {
        let mut lookahead = scanner.clone();
        let name = name(&mut lookahead).to_owned();
        lookahead.skip_spaces();
        if lookahead.peek().is_none_or(|next| next == ',') {
            *scanner = lookahead;
            return Ok(Field { name, condition: None });
        }
        // Each condition repeats the name; in parentheses, the first name is
        // the first condition's.
        let mut field_name = None;
        let condition = Condition::scan(scanner, &mut |scanner| {
            let name = name_and_spaces(scanner);
            if *field_name.get_or_insert_with(|| name.clone()) != name {
                return Err(InvalidPattern::Malformed);
            }
            Test::scan(scanner)
        })?;
        Ok(Field { name: field_name.unwrap_or_default(), condition: Some(condition) })
    }

    fn accepts(&self, word: &str) -> bool {
        let condition = self.condition.as_ref();
        condition.is_none_or(|condition| condition.holds(&|test| test.accepts_word(word)))
    }
}

fn name<'a>(scanner: &mut Scanner<'a>) -> &'a str {
    scanner.take_while(|next| next.is_alphanumeric() || "_-$.".contains(next))
}

fn name_and_spaces(scanner: &mut Scanner<'_>) -> String {
    let name = name(scanner).to_owned();
    scanner.skip_spaces();
    name
}

/// A message's fields, without the brackets and quotes around them. A bracket
/// or quote that is not closed is a character like any other.
fn words(message: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = message.trim_start();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '[' => Some(']'),
            '"' => Some('"'),
            _ => None,
        };
        let enclosed = close.and_then(|close| rest[1..].split_once(close));
        let (word, behind) = enclosed
            .unwrap_or_else(|| rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())));
        words.push(word);
        rest = behind.trim_start();
    }
    words
}
