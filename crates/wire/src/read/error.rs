//! What an answer says that is no success, in whichever form it says it: the
//! reverse of `write`'s errors. An answer that is not of its protocol (a proxy's
//! page) has no code, and its status speaks for it.

use serde_json::Value as Json;

use super::element::Element;

/// An error as a client reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorAnswer {
    pub code: Option<String>,
    pub message: Option<String>,
    /// Where the body has it; the JSON protocols tell it in a header.
    pub request_id: Option<String>,
}

/// Reads an error of JSON 1.0 and 1.1. `error_type` is the header `x-amzn-errortype`,
/// `query_error` is `x-amzn-query-error`: the code that the service had in its query protocol,
/// which callers know it by.
pub fn json_error(body: &[u8], error_type: Option<&str>, query_error: Option<&str>) -> ErrorAnswer {
    let body: Json = serde_json::from_slice(body).unwrap_or_default();
    let text =
        |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str()).map(str::to_owned);
    let query_code = query_error.and_then(|text| text.split(';').next()).map(str::to_owned);
    let code = query_code
        .or_else(|| error_type.map(str::to_owned).or_else(|| text(&["__type", "code"])))
        .map(|code| bare(&code).to_owned());
    ErrorAnswer {
        code: code.filter(|code| !code.is_empty()),
        message: text(&["message", "Message", "errorMessage"]),
        request_id: None,
    }
}

/// `com.amazonaws.ecs#ClusterNotFoundException:http://…` without what is around the name.
fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default()
}

/// Reads an error of the query protocol, of EC2 or of S3.
pub fn xml_error(body: &[u8]) -> ErrorAnswer {
    let Ok(root) = Element::read(body) else { return ErrorAnswer::default() };
    let inner = root.child("Errors").unwrap_or(&root).child("Error");
    let error = inner.unwrap_or(&root);
    let text = |of: &Element, name| of.text_of(name).map(str::to_owned);
    ErrorAnswer {
        code: text(error, "Code"),
        message: text(error, "Message"),
        request_id: text(&root, "RequestId").or_else(|| text(&root, "RequestID")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AwsError;
    use crate::write;

    fn answer(code: &str, message: &str, request_id: Option<&str>) -> ErrorAnswer {
        ErrorAnswer {
            code: Some(code.into()),
            message: Some(message.into()),
            request_id: request_id.map(str::to_owned),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let error = AwsError::new(400, "NotThere", "a <b> & c");
        assert_eq!(
            json_error(&write::json_error(&error), None, None),
            answer("NotThere", "a <b> & c", None)
        );
        assert_eq!(
            xml_error(&write::query_error(&error, "urn:x", "r-1")),
            answer("NotThere", "a <b> & c", Some("r-1"))
        );
        assert_eq!(
            xml_error(&write::ec2_error(&error, "r-1")),
            answer("NotThere", "a <b> & c", Some("r-1"))
        );
    }

    #[test]
    fn names_come_with_and_without_what_is_around_them() {
        let read = |body: &str, kind, query| json_error(body.as_bytes(), kind, query).code;
        assert_eq!(read(r#"{"__type":"a.b#Gone"}"#, None, None).as_deref(), Some("Gone"));
        assert_eq!(read("{}", Some("Gone:http://x/"), None).as_deref(), Some("Gone"));
        assert_eq!(read("{}", Some("Gone"), Some("Old.Gone;Sender")).as_deref(), Some("Old.Gone"));
        assert_eq!(read("<html>", None, None), None);
        assert_eq!(xml_error(b"Bad gateway"), ErrorAnswer::default());
        let s3 =
            b"<Error><Code>NoSuchBucket</Code><Message>m</Message><RequestId>r</RequestId></Error>";
        assert_eq!(xml_error(s3), answer("NoSuchBucket", "m", Some("r")));
    }
}
