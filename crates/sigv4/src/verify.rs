//! What a request presents of a signature, and whether it is right.

use http::request::Parts;
use neargate_ids::Timestamp;
use ring::hmac;

use crate::canonical::{canonical_request, string_to_sign};
use crate::scope::CredentialScope;

/// The parts of a signature that came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    pub scope: CredentialScope,
    /// Their names, as they were signed: `host;x-amz-date`.
    pub signed_headers: String,
    pub signature: String,
    /// The instant as it was signed, `20260102T030405Z`.
    pub date: String,
    pub security_token: Option<String>,
    /// Of a presigned URL: seconds that it is good for.
    pub expires_secs: Option<i64>,
}

/// What is signed of a request.
pub struct SignedRequest<'a> {
    pub parts: &'a Parts,
    /// The hexadecimal SHA-256 of the body, or a literal such as `UNSIGNED-PAYLOAD`.
    pub payload_hash: &'a str,
}

/// What is wrong with a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// Neither header nor URL has one.
    Missing,
    /// It is there but not of the form.
    Incomplete(String),
    /// It was made with another secret, or of another request.
    Mismatch,
    /// It is too old or from the future.
    Expired { signed: String, now: String },
    /// The time for which the URL was presigned is over.
    UrlExpired,
}

/// How far the caller's clock may be off: AWS's 15 minutes (5 for most services).
const SKEW_SECS: i64 = 15 * 60;

/// Reads the signature out of headers or query.
pub fn presented(parts: &Parts) -> Result<Presented, SignatureError> {
    match header(parts, "authorization") {
        Some(text) if text.starts_with("AWS4-HMAC-SHA256") => from_header(parts, &text),
        Some(_) => Err(SignatureError::Incomplete("the algorithm must be AWS4-HMAC-SHA256".into())),
        None => from_query(parts),
    }
}

fn header(parts: &Parts, name: &str) -> Option<String> {
    Some(String::from_utf8_lossy(parts.headers.get(name)?.as_bytes()).into_owned())
}

fn from_header(parts: &Parts, text: &str) -> Result<Presented, SignatureError> {
    let field = |name: &str| {
        let rest = text.trim_start_matches("AWS4-HMAC-SHA256").split(',');
        let mut found = rest.filter_map(|f| f.trim().strip_prefix(name)?.strip_prefix('='));
        found.next().ok_or_else(|| {
            SignatureError::Incomplete(format!("Authorization header requires '{name}' parameter."))
        })
    };
    let scope = CredentialScope::parse(field("Credential")?)
        .ok_or_else(|| SignatureError::Incomplete("the credential scope is malformed".into()))?;
    Ok(Presented {
        scope,
        signed_headers: field("SignedHeaders")?.into(),
        signature: field("Signature")?.into(),
        date: header(parts, "x-amz-date").unwrap_or_default(),
        security_token: header(parts, "x-amz-security-token"),
        expires_secs: None,
    })
}

fn from_query(parts: &Parts) -> Result<Presented, SignatureError> {
    let query = parts.uri.query().unwrap_or_default();
    let field = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.into_owned())
    };
    let signature = field("X-Amz-Signature").ok_or(SignatureError::Missing)?;
    let scope = field("X-Amz-Credential").and_then(|text| CredentialScope::parse(&text));
    Ok(Presented {
        scope: scope
            .ok_or_else(|| SignatureError::Incomplete("X-Amz-Credential is malformed".into()))?,
        signed_headers: field("X-Amz-SignedHeaders").unwrap_or_default(),
        signature,
        date: field("X-Amz-Date").unwrap_or_default(),
        security_token: field("X-Amz-Security-Token"),
        expires_secs: Some(field("X-Amz-Expires").and_then(|s| s.parse().ok()).unwrap_or(0)),
    })
}

/// Checks a signature with the [`signing_key`] of its scope.
pub fn verify(
    request: &SignedRequest<'_>,
    presented: &Presented,
    key: &hmac::Key,
    now: Timestamp,
) -> Result<(), SignatureError> {
    let signed_at = Timestamp::parse_compact(&presented.date).ok_or_else(|| {
        SignatureError::Incomplete("X-Amz-Date must be of the form 20260102T030405Z".into())
    })?;
    let age = now.millis_since(signed_at) / 1000;
    if presented.expires_secs.is_some_and(|expires| age > expires) {
        return Err(SignatureError::UrlExpired);
    }
    if age < -SKEW_SECS || (presented.expires_secs.is_none() && age > SKEW_SECS) {
        return Err(SignatureError::Expired { signed: presented.date.clone(), now: now.compact() });
    }
    let Presented { scope, signed_headers, date, .. } = presented;
    let canonical =
        canonical_request(request.parts, &scope.service, signed_headers, request.payload_hash);
    let to_sign = string_to_sign(date, scope, &canonical);
    let signature = hex::decode(&presented.signature).map_err(|_| SignatureError::Mismatch)?;
    hmac::verify(key, to_sign.as_bytes(), &signature).map_err(|_| SignatureError::Mismatch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::sha256_hex;
    use crate::keys::signing_key;

    /// The example of AWS's "Signature Version 4 test suite": get-vanilla-query-order-key-case.
    fn example() -> Parts {
        http::Request::get("/?Param2=value2&Param1=value1")
            .header("host", "example.amazonaws.com")
            .header("x-amz-date", "20150830T123600Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders=host;x-amz-date, \
                 Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            )
            .body(())
            .unwrap()
            .into_parts()
            .0
    }

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn check(parts: &Parts, secret: &str, now: &str) -> Result<(), SignatureError> {
        let presented = presented(parts)?;
        let request = SignedRequest { parts, payload_hash: &sha256_hex(b"") };
        let key = signing_key(secret, &presented.scope);
        verify(&request, &presented, &key, Timestamp::parse_compact(now).unwrap())
    }

    #[test]
    fn the_published_example_verifies() {
        assert_eq!(check(&example(), SECRET, "20150830T124000Z"), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        let parts = example();
        assert_eq!(check(&parts, "another", "20150830T123600Z"), Err(SignatureError::Mismatch));
        assert!(matches!(
            check(&parts, SECRET, "20150830T130000Z"),
            Err(SignatureError::Expired { .. })
        ));
        let bare = http::Request::get("/").body(()).unwrap().into_parts().0;
        assert_eq!(presented(&bare), Err(SignatureError::Missing));
    }
}
