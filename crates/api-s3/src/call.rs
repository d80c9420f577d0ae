//! What a request is about: the bucket and the key in its path or host, and its query.

use http::request::Parts;
use neargate_api::AwsError;

use crate::error;

/// A request's target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    pub bucket: Option<String>,
    pub key: Option<String>,
    pub query: Query,
}

/// The decoded query, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    fn parse(text: &str) -> Self {
        // A plus in a query is a plus to SigV4's clients; a space to forms.
        let pairs = form_urlencoded::parse(text.as_bytes());
        Query(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// The value of a parameter; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A whole number of a parameter.
    pub fn number(&self, name: &str) -> Result<Option<u32>, AwsError> {
        self.get(name)
            .map(|text| {
                text.parse().map_err(|_| {
                    error::invalid_argument(format!(
                        "Provided {name} not an integer or within range"
                    ))
                })
            })
            .transpose()
    }
}

impl Target {
    /// Reads a request's target: `http://host/bucket/key`, or `http://bucket.s3.…/key`.
    pub fn of(parts: &Parts) -> Result<Target, AwsError> {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let path = decoded(parts.uri.path().trim_start_matches('/'))?;
        if let Some(bucket) = virtual_host(parts) {
            let key = Some(path).filter(|key| !key.is_empty());
            return Ok(Target { bucket: Some(bucket), key, query });
        }
        let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Ok(Target { bucket: some(bucket), key: some(key), query })
    }
}

/// The bucket in `bucket.s3.us-west-2.amazonaws.com`, or `bucket.s3.localhost`.
pub fn virtual_host(parts: &Parts) -> Option<String> {
    let host = match parts.headers.get("host") {
        Some(host) => host.to_str().ok()?,
        None => parts.uri.authority()?.as_str(),
    };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let (bucket, rest) = name.rsplit_once(".s3").or_else(|| name.split_once(".s3."))?;
    let is_s3 = rest.starts_with('.') || rest.starts_with('-');
    (is_s3 && !bucket.is_empty()).then(|| bucket.to_owned())
}

/// Percent-encoding, undone.
pub fn decoded(path: &str) -> Result<String, AwsError> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    let invalid = || AwsError::new(400, "InvalidURI", "Couldn't parse the specified URI.");
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits =
            after.get(..2).and_then(|d| std::str::from_utf8(d).ok()).ok_or_else(invalid)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| invalid())?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(uri: &str, host: &str) -> (Option<String>, Option<String>) {
        let request = http::Request::get(uri).header("host", host).body(()).unwrap();
        let target = Target::of(&request.into_parts().0).unwrap();
        (target.bucket, target.key)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn both_styles() {
        let local = "127.0.0.1:4566";
        assert_eq!(target("/", local), (None, None));
        assert_eq!(target("/b", local), (some("b"), None));
        assert_eq!(target("/b/", local), (some("b"), None));
        assert_eq!(target("/b/a%20b/c+d?x=y", local), (some("b"), some("a b/c+d")));
        assert_eq!(target("/k/l", "b.s3.us-west-2.amazonaws.com"), (some("b"), some("k/l")));
        assert_eq!(target("/", "a.b.s3.localhost:4566"), (some("a.b"), None));
        assert_eq!(target("/b/k", "s3.localhost:4566"), (some("b"), some("k")));
    }
}
