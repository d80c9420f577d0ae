//! Reading addresses, as `-target`, the state and `terraform import` have them.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use super::{Key, Mode, ModuleInstance, Resource, ResourceInstance};

/// Why a text is no address, and what one looks like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Invalid address \"{text}\": {why}. An address is such as module.web[\"blue\"].aws_ecs_service.app[0]."
)]
pub struct InvalidAddress {
    pub text: String,
    pub why: String,
}

/// What an option such as `-target` names: a whole module, a resource, or one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub module: ModuleInstance,
    pub resource: Option<Resource>,
    /// Of the resource. `None` names all of its instances.
    pub key: Key,
}

impl Target {
    /// Whether the instance is among what is named. A module or resource that is named without a
    /// key means all of its instances.
    pub fn covers(&self, instance: &ResourceInstance) -> bool {
        let steps = &self.module.0;
        if instance.module.0.len() < steps.len() {
            return false;
        }
        let module = steps
            .iter()
            .zip(&instance.module.0)
            .all(|((name, key), (other, at))| name == other && (*key == Key::None || key == at));
        let within = match &self.resource {
            None => true,
            Some(resource) => {
                instance.module.0.len() == steps.len()
                    && *resource == instance.resource
                    && (self.key == Key::None || self.key == instance.key)
            }
        };
        module && within
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let what = self.resource.as_ref().map(|resource| format!("{resource}{}", self.key));
        let module = (!self.module.is_root()).then(|| self.module.to_string());
        let parts: Vec<String> = module.into_iter().chain(what).collect();
        f.write_str(&parts.join("."))
    }
}

impl FromStr for Target {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let wrong = |why: &str| InvalidAddress { text: text.to_owned(), why: why.to_owned() };
        let steps = steps(text).map_err(|why| wrong(&why))?;
        let mut rest = steps.as_slice();
        let mut module = ModuleInstance::default();
        while let [(word, Key::None), (name, key), after @ ..] = rest {
            if word != "module" {
                break;
            }
            module.0.push((name.clone(), key.clone()));
            rest = after;
        }
        let mode = match rest {
            [(word, Key::None), _, _] if word == "data" => {
                rest = &rest[1..];
                Mode::Data
            }
            _ => Mode::Managed,
        };
        match rest {
            [] if !module.is_root() => Ok(Target { module, resource: None, key: Key::None }),
            [(of_type, Key::None), (name, key)] => {
                let resource = Resource { mode, of_type: of_type.clone(), name: name.clone() };
                Ok(Target { module, resource: Some(resource), key: key.clone() })
            }
            _ => Err(wrong("a resource is named by its type and its name")),
        }
    }
}

impl FromStr for ResourceInstance {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let target = Target::from_str(text)?;
        let resource = target.resource.ok_or_else(|| InvalidAddress {
            text: text.to_owned(),
            why: "it names a module, where a resource is wanted".to_owned(),
        })?;
        Ok(ResourceInstance { module: target.module, resource, key: target.key })
    }
}

impl FromStr for ModuleInstance {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        if text.is_empty() {
            return Ok(ModuleInstance::default());
        }
        let target = Target::from_str(text)?;
        match target.resource {
            None => Ok(target.module),
            Some(_) => Err(InvalidAddress {
                text: text.to_owned(),
                why: "it names a resource, where a module is wanted".to_owned(),
            }),
        }
    }
}

/// The names between the dots, each with the key in brackets behind it.
fn steps(text: &str) -> Result<Vec<(String, Key)>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = &rest[..end];
        let first = name.chars().next().ok_or("a name is missing")?;
        let fits = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if !(first.is_alphabetic() || first == '_') || !name.chars().all(fits) {
            return Err(format!("\"{name}\" is no name"));
        }
        rest = &rest[end..];
        let mut key = Key::None;
        if let Some(inner) = rest.strip_prefix('[') {
            (key, rest) = bracket(inner)?;
        }
        found.push((name.to_owned(), key));
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(found),
            None => return Err(format!("a dot is missing before \"{rest}\"")),
        }
    }
}

/// The key behind an opening bracket, and what follows the closing one.
pub(crate) fn bracket(text: &str) -> Result<(Key, &str), String> {
    let Some(inner) = text.strip_prefix('"') else {
        let end = text.find(']').ok_or("a bracket is not closed")?;
        let index = text[..end].parse().map_err(|_| {
            format!("in brackets stands a number or a text in quotes, not {}", &text[..end])
        })?;
        return Ok((Key::Index(index), &text[end + 1..]));
    };
    let mut name = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let after = inner[at + 1..].strip_prefix(']').ok_or("a bracket is not closed")?;
                return Ok((Key::Name(name), after));
            }
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('n') => name.push('\n'),
                Some('r') => name.push('\r'),
                Some('t') => name.push('\t'),
                Some(c @ ('"' | '\\')) => name.push(c),
                _ => return Err("a backslash in quotes is not understood".to_owned()),
            },
            '$' | '%' if inner[at + 1..].starts_with(&format!("{c}{{")) => {
                chars.next();
                name.push(c);
            }
            c => name.push(c),
        }
    }
    Err("a quote is not closed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "aws_vpc.main",
            "data.aws_region.current",
            "module.a.module.b[\"x.y\\\"z\"].aws_subnet.private[2]",
            "module.m[3].data.aws_vpc.v[\"$${a}\"]",
        ] {
            assert_eq!(text.parse::<ResourceInstance>().unwrap().to_string(), text);
        }
        assert_eq!("module.a[0]".parse::<ModuleInstance>().unwrap().to_string(), "module.a[0]");
    }

    #[test]
    fn a_target_covers_all_instances_below_it() {
        let covers = |target: &str, instance: &str| {
            target.parse::<Target>().unwrap().covers(&instance.parse().unwrap())
        };
        assert!(covers("module.a", "module.a[0].module.b.aws_vpc.v"));
        assert!(covers("aws_vpc.v", "aws_vpc.v[\"x\"]"));
        assert!(!covers("aws_vpc.v[1]", "aws_vpc.v[0]"));
        assert!(!covers("aws_vpc.v", "module.a.aws_vpc.v"));
    }

    #[test]
    fn what_is_no_address_is_told() {
        let wrong = |text: &str| text.parse::<Target>().unwrap_err().why;
        assert_eq!(wrong("aws_vpc"), "a resource is named by its type and its name");
        assert_eq!(wrong("aws_vpc.a[x]"), "in brackets stands a number or a text in quotes, not x");
        assert_eq!(wrong("aws_vpc.a[\"x"), "a quote is not closed");
        assert_eq!(wrong("aws_vpc..a"), "a name is missing");
    }
}
