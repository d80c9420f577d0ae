//! Listings of a bucket: keys in their order, those that share a prefix up to a
//! delimiter rolled up into one, in pages.

pub mod objects;
pub mod versions;

use neargate_api::AwsError;

use crate::call::Query;
use crate::error;

/// Items of a page at most.
const PAGE_LIMIT: u32 = 1000;

/// What is asked of a listing.
#[derive(Clone, Debug)]
pub struct Asked {
    pub prefix: String,
    pub delimiter: Option<String>,
    pub limit: usize,
    /// Whether keys are to be URL-encoded.
    pub encoded: bool,
}

impl Asked {
    pub fn of(query: &Query, limit: &str) -> Result<Asked, AwsError> {
        Ok(Asked {
            prefix: query.get("prefix").unwrap_or_default().to_owned(),
            delimiter: query.get("delimiter").map(str::to_owned),
            limit: query.number(limit)?.unwrap_or(PAGE_LIMIT).min(PAGE_LIMIT) as usize,
            encoded: match query.get("encoding-type") {
                None => false,
                Some("url") => true,
                Some(_) => {
                    return Err(error::invalid_argument(
                        "Invalid Encoding Method specified in Request",
                    ));
                }
            },
        })
    }

    /// The prefix that a key is rolled up into, if it is.
    pub fn rolled<'a>(&self, key: &'a str) -> Option<&'a str> {
        let delimiter = self.delimiter.as_deref()?;
        let rest = key.strip_prefix(self.prefix.as_str())?;
        let end = self.prefix.len() + rest.find(delimiter)? + delimiter.len();
        Some(&key[..end])
    }

    /// A key as the answer has it.
    pub fn shown(&self, key: &str) -> String {
        if !self.encoded {
            return key.to_owned();
        }
        let mut out = String::new();
        for byte in key.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                    out.push(char::from(byte));
                }
                b' ' => out.push('+'),
                _ => out.push_str(&format!("%{byte:02X}")),
            }
        }
        out
    }
}

/// An item of a listing, or the prefix that stands for many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<T> {
    Item(T),
    Prefix(String),
}

/// Cuts a page out of `items`, which come in the order of their keys and after
/// whatever page there was before. Tells whether more follow.
pub fn page<T>(
    asked: &Asked,
    after_prefix: Option<&str>,
    items: impl Iterator<Item = T>,
    key: impl Fn(&T) -> String,
) -> (Vec<Entry<T>>, bool) {
    let mut entries: Vec<Entry<T>> = Vec::new();
    for item in items {
        let key = key(&item);
        let entry = match asked.rolled(&key) {
            Some(prefix) if after_prefix == Some(prefix) => continue,
            Some(prefix) => Entry::Prefix(prefix.to_owned()),
            None => Entry::Item(item),
        };
        if let (Entry::Prefix(new), Some(Entry::Prefix(last))) = (&entry, entries.last())
            && new == last
        {
            continue;
        }
        if entries.len() >= asked.limit {
            return (entries, asked.limit > 0);
        }
        entries.push(entry);
    }
    (entries, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(prefix: &str, delimiter: Option<&str>, limit: usize) -> Asked {
        let delimiter = delimiter.map(str::to_owned);
        Asked { prefix: prefix.into(), delimiter, limit, encoded: true }
    }

    #[test]
    fn keys_roll_up_to_the_delimiter() {
        let keys = ["a", "d/1", "d/2", "e/f/3", "z"];
        let (entries, more) =
            page(&asked("", Some("/"), 3), None, keys.into_iter(), |k| (*k).to_owned());
        let prefix = |p: &str| Entry::Prefix(p.to_owned());
        assert_eq!(entries, [Entry::Item("a"), prefix("d/"), prefix("e/")]);
        assert!(more);
        let rest = ["e/f/3", "z"].into_iter();
        let (entries, more) = page(&asked("", Some("/"), 3), Some("e/"), rest, |k| (*k).to_owned());
        assert_eq!((entries, more), (vec![Entry::Item("z")], false));
    }

    #[test]
    fn keys_are_encoded() {
        assert_eq!(asked("", None, 1).shown("a b/ü+"), "a+b/%C3%BC%2B");
    }
}
