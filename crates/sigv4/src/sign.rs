//! The signature of a request that is about to be sent.

use http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue, InvalidHeaderValue};
use http::request::Parts;
use neargate_ids::Timestamp;
use ring::hmac;

use crate::canonical::{canonical_request, sha256_hex, string_to_sign};
use crate::keys::SigningKeys;
use crate::scope::CredentialScope;

/// Who signs, for what.
pub struct Signer<'a> {
    pub access_key_id: &'a str,
    pub secret_access_key: &'a str,
    pub session_token: Option<&'a str>,
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
    pub keys: &'a SigningKeys,
}

/// Signs a request with all the headers that it has, and adds those of the signature.
///
/// # Errors
/// A session token that no header can have.
pub fn sign(
    parts: &mut Parts,
    body: &[u8],
    signer: &Signer<'_>,
    now: Timestamp,
) -> Result<(), InvalidHeaderValue> {
    let date = now.compact();
    let payload_hash = sha256_hex(body);
    if let Some(authority) = parts.uri.authority() {
        let host = HeaderValue::from_str(authority.as_str())?;
        parts.headers.insert(HOST, host);
    }
    set(parts, "x-amz-date", &date)?;
    if let Some(token) = signer.session_token {
        set(parts, "x-amz-security-token", token)?;
    }
    if signer.service == "s3" {
        set(parts, "x-amz-content-sha256", &payload_hash)?;
    }
    let Signer { access_key_id, region, service, .. } = signer;
    let scope = CredentialScope::new(access_key_id, &date, region, service);
    let mut names: Vec<&str> = parts.headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    let signed_headers = names.join(";");
    let canonical = canonical_request(parts, service, &signed_headers, &payload_hash);
    let key = signer.keys.get(signer.secret_access_key, &scope);
    let signature = hmac::sign(&key, string_to_sign(&date, &scope, &canonical).as_bytes());
    let day = &scope.date;
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={access_key_id}/{day}/{region}/{service}/aws4_request, \
         SignedHeaders={signed_headers}, Signature={}",
        hex::encode(signature.as_ref())
    );
    parts.headers.insert(AUTHORIZATION, HeaderValue::from_str(&authorization)?);
    Ok(())
}

fn set(parts: &mut Parts, name: &'static str, value: &str) -> Result<(), InvalidHeaderValue> {
    parts.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::signing_key;
    use crate::verify::{SignatureError, SignedRequest, presented, verify};

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn signed(uri: &str, service: &str, token: Option<&str>) -> Parts {
        let mut parts = http::Request::get(uri).body(()).unwrap().into_parts().0;
        let signer = Signer {
            access_key_id: "AKIDEXAMPLE",
            secret_access_key: SECRET,
            session_token: token,
            region: "us-east-1",
            service,
            keys: &SigningKeys::default(),
        };
        let now = Timestamp::parse_compact("20150830T123600Z").unwrap();
        sign(&mut parts, b"", &signer, now).unwrap();
        parts
    }

    /// AWS's "Signature Version 4 test suite": get-vanilla-query-order-key-case.
    #[test]
    fn the_published_example_is_signed_as_published() {
        let parts =
            signed("https://example.amazonaws.com/?Param2=value2&Param1=value1", "service", None);
        assert_eq!(
            parts.headers[AUTHORIZATION],
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        );
    }

    #[test]
    fn what_is_signed_verifies_unless_it_is_changed() {
        for (uri, service) in [
            ("http://127.0.0.1:4566/", "ecs"),
            ("http://127.0.0.1:4566/bucket/a%20b%2Fc?tagging&prefix=x%2By", "s3"),
        ] {
            let mut parts = signed(uri, service, Some("token"));
            let now = Timestamp::parse_compact("20150830T123700Z").unwrap();
            let check = |parts: &Parts| {
                let presented = presented(parts).unwrap();
                let request = SignedRequest { parts, payload_hash: &sha256_hex(b"") };
                verify(&request, &presented, &signing_key(SECRET, &presented.scope), now)
            };
            assert_eq!(check(&parts), Ok(()), "{uri}");
            parts.headers.insert("x-amz-security-token", "another".parse().unwrap());
            assert_eq!(check(&parts), Err(SignatureError::Mismatch), "{uri}");
        }
    }
}
