//! A request's body on its way in: what of it was signed, its frames undone, and
//! its checksums held against what was said of it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http_body_util::BodyExt;
use neargate_api::AwsError;
use ring::digest;

use crate::checksum::{Expected, Sums};
use crate::chunked::Unframer;
use crate::error;

/// Documents over this are refused, as AWS refuses them.
const DOCUMENT_LIMIT: usize = 2 << 20;

/// The largest object of one PUT: 5 GiB.
const OBJECT_LIMIT: u64 = 5 << 30;

/// Silence within a body that ends the request.
const IDLE: Duration = Duration::from_secs(60);

/// The SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A body that is still to come.
pub struct Payload<B> {
    body: B,
    signed_hash: String,
    unframer: Option<Unframer>,
    expected: Expected,
    sums: Sums,
    sha256: digest::Context,
    size: u64,
}

impl<B> Payload<B>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    pub fn of(parts: &Parts, body: B) -> Result<Self, AwsError> {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        // By either version of the signature.
        let presigned = parts.uri.query().is_some_and(|query| {
            query.contains("X-Amz-Signature=") || query.contains("AWSAccessKeyId=")
        });
        let signed_hash = match header("x-amz-content-sha256") {
            Some(hash) => hash.to_owned(),
            None if presigned => "UNSIGNED-PAYLOAD".to_owned(),
            None => EMPTY.to_owned(),
        };
        let unframer = match signed_hash.as_str() {
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Some(Unframer::default()),
            framed if framed.starts_with("STREAMING-") => {
                return Err(error::not_implemented(
                    "chunks with signatures of their own (sign the whole payload, or leave it unsigned)",
                ));
            }
            _ => None,
        };
        Ok(Payload {
            body,
            signed_hash,
            unframer,
            expected: Expected::of(&parts.headers)?,
            sums: Sums::of(&parts.headers),
            sha256: digest::Context::new(&digest::SHA256),
            size: 0,
        })
    }

    /// What stands for the body in the signature.
    pub fn signed_hash(&self) -> &str {
        &self.signed_hash
    }

    /// The next bytes of the object; nothing at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, AwsError> {
        loop {
            let Some(bytes) = self.frame().await? else { return Ok(None) };
            self.sha256.update(&bytes);
            let bytes = match &mut self.unframer {
                Some(unframer) => unframer.take(&bytes)?,
                None => bytes,
            };
            if bytes.is_empty() {
                continue;
            }
            self.size += bytes.len() as u64;
            if self.size > OBJECT_LIMIT {
                return Err(AwsError::new(
                    400,
                    "EntityTooLarge",
                    "Your proposed upload exceeds the maximum allowed size",
                ));
            }
            self.sums.update(&bytes);
            return Ok(Some(bytes));
        }
    }

    async fn frame(&mut self) -> Result<Option<Bytes>, AwsError> {
        loop {
            let Ok(frame) = tokio::time::timeout(IDLE, self.body.frame()).await else {
                return Err(AwsError::new(
                    400,
                    "RequestTimeout",
                    "Your socket connection to the server was not read from or written to within the timeout period.",
                ));
            };
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|cause| {
                AwsError::new(400, "IncompleteBody", format!("The body broke off: {cause}"))
            })?;
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
    }

    /// The checksums, once they are what was said of the body, and all of it has come.
    pub fn finish(self) -> Result<Received, AwsError> {
        let mut expected = self.expected;
        if let Some(unframer) = self.unframer {
            expected.add_trailers(unframer.finish()?)?;
        } else {
            let signed = !self.signed_hash.starts_with("UNSIGNED");
            if signed && self.signed_hash != hex::encode(self.sha256.finish()) {
                return Err(AwsError::new(
                    400,
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                ));
            }
        }
        let md5 = expected.check(self.sums)?;
        Ok(Received { md5, size: self.size, checksums: expected.shown() })
    }

    /// A whole document.
    pub async fn document(mut self) -> Result<Bytes, AwsError> {
        let mut collected = BytesMut::new();
        while let Some(bytes) = self.next().await? {
            if collected.len() + bytes.len() > DOCUMENT_LIMIT {
                return Err(AwsError::new(
                    400,
                    "MaxMessageLengthExceeded",
                    "Your request was too big.",
                ));
            }
            collected.extend_from_slice(&bytes);
        }
        self.finish()?;
        Ok(collected.freeze())
    }
}

/// What is known of a body that came whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub md5: [u8; 16],
    pub size: u64,
    /// The `x-amz-checksum-…` that were given, by header.
    pub checksums: Vec<(String, String)>,
}
