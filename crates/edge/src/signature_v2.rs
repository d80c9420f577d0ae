//! The older signature that S3 takes in presigned URLs, and that boto3 still makes unless it
//! is told otherwise. Pure: the secret comes from the caller. Source: "Signing and
//! authenticating REST requests (AWS signature version 2)" in the S3 user guide.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use neargate_ids::Timestamp;
use neargate_sigv4::SignatureError;
use ring::hmac;

/// What a presigned URL of this kind presents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedV2 {
    pub access_key_id: String,
    pub signature: String,
    /// Seconds since 1970.
    pub expires_at: i64,
    pub security_token: Option<String>,
}

/// The parameters of the query that are signed, sorted.
const SIGNED_PARAMETERS: [&str; 28] = [
    "accelerate",
    "acl",
    "cors",
    "delete",
    "lifecycle",
    "location",
    "logging",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// Reads it out of the query; `None` where there is none of this kind.
pub fn presented_v2(parts: &Parts) -> Option<PresentedV2> {
    let query = query(parts);
    let field = |name: &str| query.get(name).cloned();
    Some(PresentedV2 {
        access_key_id: field("AWSAccessKeyId")?,
        signature: field("Signature")?,
        expires_at: field("Expires")?.parse().ok()?,
        security_token: field("x-amz-security-token"),
    })
}

/// Checks it with the secret of its access key.
pub fn verify_v2(
    parts: &Parts,
    presented: &PresentedV2,
    secret: &str,
    now: Timestamp,
) -> Result<(), SignatureError> {
    if now.secs() > presented.expires_at {
        return Err(SignatureError::UrlExpired);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    let signature = STANDARD.decode(&presented.signature).map_err(|_| SignatureError::Mismatch)?;
    hmac::verify(&key, string_to_sign(parts, presented).as_bytes(), &signature)
        .map_err(|_| SignatureError::Mismatch)
}

fn query(parts: &Parts) -> BTreeMap<String, String> {
    let query = parts.uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Headers count wherever they are, and boto3 puts them into the query.
fn string_to_sign(parts: &Parts, presented: &PresentedV2) -> String {
    let query = query(parts);
    let header = |name: &str| {
        let sent = parts.headers.get(name).and_then(|value| value.to_str().ok());
        sent.map(str::to_owned).or_else(|| query.get(name).cloned()).unwrap_or_default()
    };
    let mut out = format!(
        "{}\n{}\n{}\n{}\n",
        parts.method,
        header("content-md5"),
        header("content-type"),
        presented.expires_at
    );
    let sent = parts.headers.keys().map(|name| name.as_str().to_owned());
    let mut names: Vec<String> =
        sent.chain(query.keys().cloned()).filter(|name| name.starts_with("x-amz-")).collect();
    names.sort();
    names.dedup();
    for name in names {
        out.push_str(&format!("{name}:{}\n", header(&name).trim()));
    }
    out.push_str(parts.uri.path());
    let signed = SIGNED_PARAMETERS.iter().filter_map(|name| Some((name, query.get(*name)?)));
    let signed: Vec<String> = signed
        .map(|(name, value)| match value.is_empty() {
            true => (*name).to_owned(),
            false => format!("{name}={value}"),
        })
        .collect();
    if !signed.is_empty() {
        out.push_str(&format!("?{}", signed.join("&")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the user guide, "Query string request authentication alternative".
    fn example() -> Parts {
        http::Request::get(
            "/johnsmith/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE\
             &Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620",
        )
        .body(())
        .unwrap()
        .into_parts()
        .0
    }

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn the_published_example_verifies_until_it_expires() {
        let parts = example();
        let presented = presented_v2(&parts).unwrap();
        let check = |secret, now| verify_v2(&parts, &presented, secret, Timestamp::from_secs(now));
        assert_eq!(check(SECRET, 1_175_139_620), Ok(()));
        assert_eq!(check("another", 1_175_139_620), Err(SignatureError::Mismatch));
        assert_eq!(check(SECRET, 1_175_139_621), Err(SignatureError::UrlExpired));
    }

    #[test]
    fn a_url_of_version_4_is_none_of_these() {
        let parts = http::Request::get("/b/k?X-Amz-Signature=1&X-Amz-Expires=2").body(()).unwrap();
        assert_eq!(presented_v2(&parts.into_parts().0), None);
    }
}
