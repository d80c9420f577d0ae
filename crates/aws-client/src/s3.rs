//! What is needed of S3: buckets, their configurations, and emptying them. S3's
//! protocol is its own (REST with XML), and no types are generated for it; these few
//! are written by hand. Buckets are addressed by path, which AWS and Neargate take.
//! Source: the "Amazon S3 API reference".

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use neargate_sigv4::escape;
use neargate_wire::Protocol;
use neargate_wire::read::Element;

use crate::client::Client;
use crate::error::CallError;
use crate::line::Reply;
use crate::request::Request;

/// A part of a bucket's configuration, by the name that its query has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Accelerate,
    /// It can be read only.
    Acl,
    Encryption,
    Lifecycle,
    ObjectLock,
    Ownership,
    Policy,
    PublicAccessBlock,
    RequestPayment,
    Tagging,
    Versioning,
}

impl Part {
    /// The query, and the operation's name after its verb.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Part::Accelerate => ("accelerate", "BucketAccelerateConfiguration"),
            Part::Acl => ("acl", "BucketAcl"),
            Part::Encryption => ("encryption", "BucketEncryption"),
            Part::Lifecycle => ("lifecycle", "BucketLifecycleConfiguration"),
            Part::ObjectLock => ("object-lock", "ObjectLockConfiguration"),
            Part::Ownership => ("ownershipControls", "BucketOwnershipControls"),
            Part::Policy => ("policy", "BucketPolicy"),
            Part::PublicAccessBlock => ("publicAccessBlock", "PublicAccessBlock"),
            Part::RequestPayment => ("requestPayment", "BucketRequestPayment"),
            Part::Tagging => ("tagging", "BucketTagging"),
            Part::Versioning => ("versioning", "BucketVersioning"),
        }
    }
}

/// The codes that say that a bucket has no such configuration, or its region no such feature.
const NO_SUCH_PART: [&str; 9] = [
    "MethodNotAllowed",
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "ObjectLockConfigurationNotFoundError",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
    "UnsupportedArgument",
];

/// One bucket.
#[derive(Clone, Copy)]
pub struct Bucket<'a> {
    pub client: &'a Client,
    pub name: &'a str,
}

impl Bucket<'_> {
    /// Creates it in the client's region; `with_lock`: objects can be locked in it.
    ///
    /// # Errors
    /// S3's, such as `BucketAlreadyExists`.
    pub async fn create(&self, with_lock: bool) -> Result<(), CallError> {
        let region = self.client.region();
        // The first region has no name here.
        let body = if region == "us-east-1" {
            String::new()
        } else {
            format!(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            )
        };
        let lock = ("x-amz-bucket-object-lock-enabled", "true".to_owned());
        let headers = with_lock.then_some(lock).into_iter().collect();
        self.send_with("CreateBucket", Method::PUT, "", body, headers).await.map(drop)
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// That it is somebody else's (`Forbidden`), or S3's others.
    pub async fn exists(&self) -> Result<bool, CallError> {
        match self.send("HeadBucket", Method::HEAD, "", String::new()).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_any(&["NotFound", "NoSuchBucket"]) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// # Errors
    /// S3's, such as `BucketNotEmpty`.
    pub async fn delete(&self) -> Result<(), CallError> {
        self.send("DeleteBucket", Method::DELETE, "", String::new()).await.map(drop)
    }

    /// A part of its configuration as S3 has it, XML or (the policy) JSON; nothing where there
    /// is none.
    ///
    /// # Errors
    /// S3's.
    pub async fn get(&self, part: Part) -> Result<Option<String>, CallError> {
        let (query, name) = part.names();
        match self.send(&format!("Get{name}"), Method::GET, query, String::new()).await {
            Ok(reply) => Ok(Some(String::from_utf8_lossy(&reply.body).into_owned())),
            Err(error) if error.is_any(&NO_SUCH_PART) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a part of its configuration.
    ///
    /// # Errors
    /// S3's.
    pub async fn put(&self, part: Part, document: String) -> Result<(), CallError> {
        let (query, name) = part.names();
        self.send(&format!("Put{name}"), Method::PUT, query, document).await.map(drop)
    }

    /// Removes a part of its configuration.
    ///
    /// # Errors
    /// S3's.
    pub async fn remove(&self, part: Part) -> Result<(), CallError> {
        let (query, name) = part.names();
        let operation = format!("Delete{name}");
        self.send(&operation, Method::DELETE, query, String::new()).await.map(drop)
    }

    /// Deletes all versions of all objects; how many there were.
    ///
    /// # Errors
    /// S3's.
    pub async fn empty(&self) -> Result<usize, CallError> {
        let mut deleted = 0;
        loop {
            let reply =
                self.send("ListObjectVersions", Method::GET, "versions", String::new()).await?;
            let listed = self.read(&reply)?;
            let versions = listed.all("Version").chain(listed.all("DeleteMarker"));
            let objects: Vec<String> = versions.filter_map(object).collect();
            if objects.is_empty() {
                return Ok(deleted);
            }
            let body = format!("<Delete><Quiet>true</Quiet>{}</Delete>", objects.concat());
            let reply = self.send("DeleteObjects", Method::POST, "delete", body).await?;
            if let Some(error) = self.read(&reply)?.child("Error") {
                let text = |name| error.text_of(name).unwrap_or_default();
                let cause = format!("{}: {} {}", text("Key"), text("Code"), text("Message"));
                return Err(CallError::Unsendable { operation: "s3:DeleteObjects".into(), cause });
            }
            deleted += objects.len();
        }
    }

    fn read(&self, reply: &Reply) -> Result<Element, CallError> {
        Element::read(&reply.body).map_err(|cause| CallError::Unreadable {
            operation: "s3".to_owned(),
            endpoint: self.name.to_owned(),
            cause,
        })
    }

    async fn send(
        &self,
        operation: &str,
        method: Method,
        query: &str,
        body: String,
    ) -> Result<Reply, CallError> {
        self.send_with(operation, method, query, body, Vec::new()).await
    }

    async fn send_with(
        &self,
        operation: &str,
        method: Method,
        query: &str,
        body: String,
        mut headers: Vec<(&'static str, String)>,
    ) -> Result<Reply, CallError> {
        let line = self.client.line();
        if !body.is_empty() {
            let checksum = STANDARD.encode(crc32fast::hash(body.as_bytes()).to_be_bytes());
            headers.push(("content-type", "application/xml".to_owned()));
            headers.push(("x-amz-checksum-crc32", checksum));
            headers.push(("x-amz-sdk-checksum-algorithm", "CRC32".to_owned()));
        }
        let mark = if query.is_empty() { "" } else { "?" };
        let request = Request {
            operation: format!("s3:{operation}"),
            endpoint: line.endpoints.named("s3", "s3", &line.region),
            signing_name: "s3",
            method,
            path: format!("/{}{mark}{query}", escape(self.name)),
            headers,
            body: body.into(),
            protocol: Protocol::Query,
        };
        self.client.send(&request).await
    }
}

/// A version in the list as one of those to delete.
fn object(version: &Element) -> Option<String> {
    let mut key = String::new();
    for c in version.text_of("Key")?.chars() {
        match c {
            '&' => key.push_str("&amp;"),
            '<' => key.push_str("&lt;"),
            '>' => key.push_str("&gt;"),
            '\r' => key.push_str("&#13;"),
            c => key.push(c),
        }
    }
    let id = version.text_of("VersionId").filter(|id| !id.is_empty());
    let id = id.map(|id| format!("<VersionId>{id}</VersionId>")).unwrap_or_default();
    Some(format!("<Object><Key>{key}</Key>{id}</Object>"))
}
