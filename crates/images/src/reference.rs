//! Image references as people write them: `nginx`, `ghcr.io/a/b:1`,
//! `localhost:5000/x@sha256:…`.
//!
//! The grammar and the rule that tells a registry from a repository are those
//! of distribution's `reference` package: the first component is a registry
//! when it has a dot or a colon, is `localhost`, or has a capital letter.

use std::fmt;
use std::str::FromStr;

use neargate_blobs::Digest;

/// A reference with everything filled in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageReference {
    /// `docker.io`, `ghcr.io`, `localhost:5000`.
    pub registry: String,
    /// `library/nginx`.
    pub repository: String,
    /// `latest` when neither a tag nor a digest was written.
    pub tag: Option<String>,
    pub digest: Option<Digest>,
}

/// Why a text is no image reference, in the words of containerd, which are AWS's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid reference format: {reference:?}: {why}")]
pub struct ReferenceError {
    pub reference: String,
    pub why: &'static str,
}

impl ImageReference {
    /// What to ask the registry for: the digest if there is one, else the tag.
    pub fn identifier(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.clone(),
            (None, None) => "latest".into(),
        }
    }

    /// `docker.io/library/nginx`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl FromStr for ImageReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let wrong = |why| ReferenceError { reference: text.to_string(), why };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => {
                let digest = digest.parse().map_err(|_| wrong("the digest is not valid"))?;
                (rest, Some(digest))
            }
            None => (text, None),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            // A colon before a slash belongs to the registry's port.
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_string())),
            _ => (rest, None),
        };
        if tag.as_deref().is_some_and(|tag| !is_tag(tag)) {
            return Err(wrong("the tag is not valid"));
        }
        let (registry, repository) = split_registry(name);
        if !is_registry(&registry) {
            return Err(wrong("the registry is not valid"));
        }
        if !is_repository(&repository) {
            return Err(wrong("the repository name is not valid (it must be lower case)"));
        }
        let tag = match (tag, &digest) {
            (None, None) => Some("latest".into()),
            (tag, _) => tag,
        };
        Ok(ImageReference { registry, repository, tag, digest })
    }
}

fn split_registry(name: &str) -> (String, String) {
    let first_is_registry = |first: &str| {
        first.contains(['.', ':'])
            || first == "localhost"
            || first.bytes().any(|b| b.is_ascii_uppercase())
    };
    let (registry, repository) = match name.split_once('/') {
        Some((first, rest)) if first_is_registry(first) => (first, rest),
        _ => ("docker.io", name),
    };
    let registry = match registry {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        other => other,
    };
    if registry == "docker.io" && !repository.contains('/') {
        return (registry.into(), format!("library/{repository}"));
    }
    (registry.into(), repository.into())
}

/// A tag: a word character, then up to 127 word characters, dots and dashes.
pub fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut bytes = text.bytes();
    bytes.next().is_some_and(word)
        && text.len() <= 128
        && bytes.all(|b| word(b) || b == b'.' || b == b'-')
}

/// A repository's name: components of lower-case letters and digits, joined
/// within by `.`, `_`, `__` or dashes, and among themselves by slashes.
pub fn is_repository(text: &str) -> bool {
    text.len() <= 255 && text.split('/').all(is_component)
}

fn is_component(text: &str) -> bool {
    let alnum = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !text.starts_with(alnum) || !text.ends_with(alnum) {
        return false;
    }
    text.split(alnum)
        .all(|joint| matches!(joint, "" | "." | "_" | "__") || joint.bytes().all(|b| b == b'-'))
}

fn is_registry(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_fits = match inner {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        }
    };
    host_fits && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str) -> String {
        text.parse::<ImageReference>().map_or_else(|error| error.why.into(), |r| r.to_string())
    }

    #[test]
    fn normal_forms() {
        let digest = Digest::of(b"");
        assert_eq!(full("nginx"), "docker.io/library/nginx:latest");
        assert_eq!(full("nginx:1.27"), "docker.io/library/nginx:1.27");
        assert_eq!(full("a/b"), "docker.io/a/b:latest");
        assert_eq!(full("docker.io/nginx"), "docker.io/library/nginx:latest");
        assert_eq!(full("index.docker.io/a/b:c"), "docker.io/a/b:c");
        assert_eq!(full("localhost/x"), "localhost/x:latest");
        assert_eq!(full("localhost:5000/x/y:z"), "localhost:5000/x/y:z");
        assert_eq!(full("[::1]:5000/x"), "[::1]:5000/x:latest");
        assert_eq!(full(&format!("a.b/c@{digest}")), format!("a.b/c@{digest}"));
        assert_eq!(full(&format!("a.b/c:d@{digest}")), format!("a.b/c:d@{digest}"));
        assert_eq!(full("public.ecr.aws/a/b--c__d.e:1"), "public.ecr.aws/a/b--c__d.e:1");
    }

    #[test]
    fn refusals() {
        let lower = "the repository name is not valid (it must be lower case)";
        for text in ["", "a//b", "library/Nginx", "a.b/", "/a", "a..b", "a___b", "-a", "a/../b"] {
            assert_eq!(full(text), lower, "{text:?}");
        }
        assert_eq!(full("nginx:"), "the tag is not valid");
        assert_eq!(full("nginx:-a"), "the tag is not valid");
        assert_eq!(full("nginx@sha256:ab"), "the digest is not valid");
        assert_eq!(full("a.b:port/c"), "the registry is not valid");
    }
}
