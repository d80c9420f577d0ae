//! Credentials of the place where this program runs: a container's endpoint, or the
//! instance metadata service (version 2).

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use neargate_ids::Timestamp;
use serde::Deserialize;

use super::{CredentialsError, Identity};
use crate::surroundings::Surroundings;
use crate::transport::Transport;

/// Where to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metadata {
    Container {
        url: String,
        authorization: Option<Authorization>,
    },
    Instance {
        url: String,
    },
    /// Instance metadata is turned off.
    Off,
}

/// The value of the header `authorization`, or the file that has it, which may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    Token(String),
    File(String),
}

/// Neither is far away.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    token: Option<String>,
    expiration: Option<String>,
    message: Option<String>,
}

impl Metadata {
    pub fn from(surroundings: &Surroundings) -> Self {
        let variable = |name| surroundings.variable(name).map(str::to_owned);
        let relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            .map(|path| format!("http://169.254.170.2{path}"));
        if let Some(url) = relative.or_else(|| variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
            let file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(Authorization::File);
            let token = || variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(Authorization::Token);
            return Metadata::Container { url, authorization: file.or_else(token) };
        }
        if variable("AWS_EC2_METADATA_DISABLED").is_some_and(|off| off.eq_ignore_ascii_case("true"))
        {
            return Metadata::Off;
        }
        let url = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
        let url = url.unwrap_or_else(|| "http://169.254.169.254".into());
        Metadata::Instance { url: url.trim_end_matches('/').to_owned() }
    }

    /// Asks.
    pub async fn fetch(&self, transport: &Transport) -> Result<Identity, CredentialsError> {
        match self {
            Metadata::Off => {
                Err(CredentialsError::Nowhere("AWS_EC2_METADATA_DISABLED is true".into()))
            }
            Metadata::Container { url, authorization } => {
                let failed = |cause| CredentialsError::Fetch { from: url.clone(), cause };
                let authorization = match authorization {
                    None => None,
                    Some(Authorization::Token(token)) => Some(token.clone()),
                    Some(Authorization::File(path)) => {
                        let read = std::fs::read_to_string(path);
                        let read = read.map_err(|e| failed(format!("{path}: {e}")))?;
                        Some(read.trim().to_owned())
                    }
                };
                let header = authorization.as_deref().map(|token| ("authorization", token));
                let body = ask(transport, Method::GET, url, header).await.map_err(failed)?;
                read(&body).map_err(failed)
            }
            Metadata::Instance { url } => of_instance(transport, url)
                .await
                .map_err(|cause| CredentialsError::Nowhere(format!("{url}: {cause}"))),
        }
    }
}

async fn of_instance(transport: &Transport, url: &str) -> Result<Identity, String> {
    let lifetime = ("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    let token_url = format!("{url}/latest/api/token");
    let token = ask(transport, Method::PUT, &token_url, Some(lifetime)).await?;
    let token = String::from_utf8_lossy(&token).into_owned();
    let header = Some(("x-aws-ec2-metadata-token", token.as_str()));
    let roles = format!("{url}/latest/meta-data/iam/security-credentials/");
    let names = ask(transport, Method::GET, &roles, header).await?;
    let names = String::from_utf8_lossy(&names).into_owned();
    let name = names.lines().next().unwrap_or_default();
    read(&ask(transport, Method::GET, &format!("{roles}{name}"), header).await?)
}

async fn ask(
    transport: &Transport,
    method: Method,
    url: &str,
    header: Option<(&str, &str)>,
) -> Result<Bytes, String> {
    let mut request = Request::builder().method(method).uri(url);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::new()).map_err(|error| error.to_string())?;
    let (parts, body) = transport.send(request, PATIENCE).await?;
    if parts.status.is_success() { Ok(body) } else { Err(format!("HTTP {}", parts.status)) }
}

fn read(body: &[u8]) -> Result<Identity, String> {
    let given: Given = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let (Some(access_key_id), Some(secret_access_key)) =
        (given.access_key_id, given.secret_access_key)
    else {
        return Err(given.message.unwrap_or_else(|| "an answer without an access key".into()));
    };
    let expires_at = given.expiration.as_deref().and_then(Timestamp::parse_iso8601);
    Ok(Identity { access_key_id, secret_access_key, session_token: given.token, expires_at })
}
