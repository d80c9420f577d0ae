//! S3's errors: codes and messages of the "Error responses" page of its API reference.

use neargate_api::AwsError;

fn of(status: u16, code: &str, message: impl Into<String>) -> AwsError {
    AwsError::new(status, code, message)
}

pub fn no_such_bucket(bucket: &str) -> AwsError {
    of(404, "NoSuchBucket", "The specified bucket does not exist").with("BucketName", bucket)
}

pub fn no_such_key(key: &str) -> AwsError {
    of(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
}

pub fn no_such_version(key: &str, version_id: &str) -> AwsError {
    of(404, "NoSuchVersion", "The specified version does not exist.")
        .with("Key", key)
        .with("VersionId", version_id)
}

pub fn no_such_upload(upload_id: &str) -> AwsError {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                   aborted or completed.";
    of(404, "NoSuchUpload", message).with("UploadId", upload_id)
}

pub fn access_denied(message: impl Into<String>) -> AwsError {
    of(403, "AccessDenied", message)
}

pub fn invalid_argument(message: impl Into<String>) -> AwsError {
    of(400, "InvalidArgument", message)
}

pub fn invalid_request(message: impl Into<String>) -> AwsError {
    of(400, "InvalidRequest", message)
}

pub fn malformed_xml() -> AwsError {
    of(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

pub fn malformed_policy(why: impl Into<String>) -> AwsError {
    of(400, "MalformedPolicy", why)
}

pub fn method_not_allowed() -> AwsError {
    of(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
}

pub fn not_implemented(what: &str) -> AwsError {
    of(501, "NotImplemented", format!("Neargate does not have {what} of S3 yet."))
}

pub fn bad_digest(what: &str) -> AwsError {
    of(400, "BadDigest", format!("The {what} you specified did not match what we received."))
}

pub fn internal(cause: impl std::fmt::Display) -> AwsError {
    tracing::error!(%cause, "a request to S3 failed");
    of(500, "InternalError", "We encountered an internal error. Please try again.")
}

/// The errors of signatures and permissions, as S3 names them.
pub fn in_s3(mut error: AwsError) -> AwsError {
    let (code, status) = match error.code.as_str() {
        "UnrecognizedClientException" => ("InvalidAccessKeyId", 403),
        "InvalidSignatureException" if error.message.starts_with("Signature expired") => {
            ("RequestTimeTooSkewed", 403)
        }
        "InvalidSignatureException" => ("SignatureDoesNotMatch", 403),
        "ExpiredTokenException" => ("ExpiredToken", 400),
        "MissingAuthenticationTokenException" => ("AccessDenied", 403),
        "IncompleteSignatureException" => ("AuthorizationHeaderMalformed", 400),
        "AccessDeniedException" => ("AccessDenied", 403),
        "InternalFailure" => ("InternalError", 500),
        _ => return error,
    };
    error.code = code.into();
    error.shape = code.into();
    error.status = status;
    error
}
