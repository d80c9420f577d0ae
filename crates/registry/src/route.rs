//! Which resource a path names. Repository names may contain slashes, so paths
//! are read from their end.

use crate::refusal::{Code, Refusal};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/v2/`
    Base,
    /// `/v2/_catalog`
    Catalog,
    /// `/v2/<name>/…`
    In { repository: String, resource: Resource },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    Tags,
    Manifest(String),
    Blob(String),
    Uploads,
    Upload(String),
    Referrers(String),
}

impl Route {
    pub fn parse(path: &str) -> Result<Route, Refusal> {
        let unknown = || Refusal {
            status: http::StatusCode::NOT_FOUND,
            ..Refusal::new(Code::Unsupported, format!("There is nothing at {path}"))
        };
        let rest = match path.strip_prefix("/v2") {
            Some("" | "/") => return Ok(Route::Base),
            Some("/_catalog") => return Ok(Route::Catalog),
            Some(rest) => rest.strip_prefix('/').ok_or_else(unknown)?,
            None => return Err(unknown()),
        };
        let rest = percent_decoded(rest).ok_or_else(unknown)?;
        let parts: Vec<&str> = rest.split('/').collect();
        let (name, resource) = match parts.as_slice() {
            [name @ .., "tags", "list"] => (name, Resource::Tags),
            [name @ .., "blobs", "uploads"] | [name @ .., "blobs", "uploads", ""] => {
                (name, Resource::Uploads)
            }
            [name @ .., "blobs", "uploads", id] => (name, Resource::Upload((*id).into())),
            [name @ .., "blobs", digest] => (name, Resource::Blob((*digest).into())),
            [name @ .., "manifests", reference] => (name, Resource::Manifest((*reference).into())),
            [name @ .., "referrers", digest] => (name, Resource::Referrers((*digest).into())),
            _ => return Err(unknown()),
        };
        let repository = name.join("/");
        if !neargate_images::reference::is_repository(&repository) {
            let message = format!("'{repository}' is no repository name");
            return Err(Refusal::new(Code::NameInvalid, message));
        }
        Ok(Route::In { repository, resource })
    }
}

/// The first value of a query parameter.
pub fn query(query: Option<&str>, name: &str) -> Option<String> {
    query?.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if key == name { percent_decoded(&value.replace('+', " ")) } else { None }
    })
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_string());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = std::str::from_utf8(after.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str) -> (String, Resource) {
        match Route::parse(path).unwrap() {
            Route::In { repository, resource } => (repository, resource),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_may_have_slashes() {
        assert_eq!(check("/v2/a/tags/list"), ("a".into(), Resource::Tags));
        assert_eq!(
            check("/v2/a/b/c/manifests/v1"),
            ("a/b/c".into(), Resource::Manifest("v1".into()))
        );
        assert_eq!(
            check("/v2/a/blobs/sha256%3Aab"),
            ("a".into(), Resource::Blob("sha256:ab".into()))
        );
        assert_eq!(check("/v2/a/b/blobs/uploads/"), ("a/b".into(), Resource::Uploads));
        assert_eq!(check("/v2/a/blobs/uploads/u-1"), ("a".into(), Resource::Upload("u-1".into())));
        assert_eq!(check("/v2/blobs/blobs/x"), ("blobs".into(), Resource::Blob("x".into())));
        assert_eq!(Route::parse("/v2").unwrap(), Route::Base);
        assert_eq!(Route::parse("/v2/_catalog").unwrap(), Route::Catalog);
    }

    #[test]
    fn refusals() {
        for path in ["/v2/A/tags/list", "/v2//tags/list", "/v2/../manifests/x"] {
            assert_eq!(Route::parse(path).unwrap_err().code, Code::NameInvalid, "{path}");
        }
        for path in ["/v1/", "/v2x", "/v2/a", "/v2/a/%zz/list"] {
            assert_eq!(Route::parse(path).unwrap_err().status, 404, "{path}");
        }
    }

    #[test]
    fn queries() {
        assert_eq!(query(Some("a=1&digest=sha256%3Aab"), "digest").unwrap(), "sha256:ab");
        assert_eq!(query(Some("a=1"), "b"), None);
        assert_eq!(query(None, "b"), None);
    }
}
