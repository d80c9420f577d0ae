//! What a session needs of other services, with the rights of who needs it: the agent's
//! calls are made as the task's role, as AWS's agent in the container makes them; those
//! of the operator's own sessions as the operator.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{Method, Request};
use http_body_util::{Empty, StreamBody};
use hyper::body::Frame;
use neargate_api::model::ecs::Task;
use neargate_api::types::kms::{DecryptRequest, GenerateDataKeyRequest};
use neargate_api::types::logs::{
    CreateLogStreamRequest, DescribeLogGroupsRequest, DescribeLogStreamsRequest, InputLogEvent,
    PutLogEventsRequest,
};
use neargate_api::types::{kms, logs};
use neargate_api::{AwsError, Blob, Caller, Cloud, Ctx, Opener, Services, Wanted};
use neargate_api_ecs::exec::{Bucket, By, Grant, LogGroup};
use neargate_api_s3::S3;
use neargate_session::{DATA_KEY, DataKey};
use tokio::io::AsyncReadExt;

use super::transcript::Transcript;

/// The services that sessions ask.
#[derive(Clone)]
pub struct Asked {
    pub cloud: Arc<Cloud>,
    pub services: Arc<Services>,
    pub s3: S3,
}

/// Them, with somebody's rights.
pub struct Rights {
    asked: Asked,
    caller: Caller,
    region: String,
}

/// Events of one PutLogEvents: within its megabyte.
const EVENTS: usize = 4;

/// Bytes of the transcript that are sent to S3 at once.
const CHUNK: usize = 64 << 10;

const NO_ENCRYPTED_GROUP: &str = "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. \
    Either encrypt the log group or choose an option to enable logging without encryption.";

impl Rights {
    /// Those of the agent in a session.
    pub fn of(asked: &Asked, task: &Task, grant: &Grant) -> Result<Self, String> {
        let caller = match grant.by {
            By::Operator => Caller::Operator,
            By::Caller(_) => of_task_role(&asked.cloud, task)?,
        };
        Ok(Rights { asked: asked.clone(), caller, region: task.region.clone() })
    }

    /// Those of the operator.
    pub fn of_operator(asked: &Asked, region: &str) -> Self {
        Rights { asked: asked.clone(), caller: Caller::Operator, region: region.to_owned() }
    }

    /// The plaintext of a data key that was made for this session.
    pub async fn decrypt(
        &self,
        key_id: &str,
        grant: &Grant,
        encrypted: Vec<u8>,
    ) -> Result<Vec<u8>, AwsError> {
        let input = DecryptRequest {
            ciphertext_blob: Some(Blob(encrypted)),
            encryption_context: Some(bound_to(grant)),
            key_id: Some(key_id.to_owned()),
            ..Default::default()
        };
        let ctx = self.ctx(&self.region);
        let done = self.asked.services.invoke::<kms::Decrypt>(&kms::SERVICE, ctx, input).await?;
        Ok(done.plaintext.unwrap_or_default().0)
    }

    /// A data key for this session.
    pub async fn data_key(&self, key_id: &str, grant: &Grant) -> Result<DataKey, AwsError> {
        let input = GenerateDataKeyRequest {
            key_id: key_id.to_owned(),
            encryption_context: Some(bound_to(grant)),
            number_of_bytes: Some(DATA_KEY as i32),
            ..Default::default()
        };
        let (ctx, services) = (self.ctx(&self.region), &self.asked.services);
        let made = services.invoke::<kms::GenerateDataKey>(&kms::SERVICE, ctx, input).await?;
        Ok(DataKey {
            plain: made.plaintext.unwrap_or_default().0,
            encrypted: made.ciphertext_blob.unwrap_or_default().0,
        })
    }

    /// Refuses a log group that must be encrypted and is not. One that is not there, or not
    /// shown to the task's role, is no reason else: its log will be missing.
    pub async fn check_group(&self, group: &LogGroup) -> Result<(), String> {
        let input = DescribeLogGroupsRequest {
            log_group_name_prefix: Some(group.name.clone()),
            ..Default::default()
        };
        let (ctx, services) = (self.ctx(&group.region), &self.asked.services);
        let shown = services.invoke::<logs::DescribeLogGroups>(&logs::SERVICE, ctx, input).await;
        let found = shown.as_ref().ok().and_then(|shown| {
            let mut groups = shown.log_groups.iter().flatten();
            groups.find(|found| found.log_group_name.as_ref() == Some(&group.name))
        });
        if let Err(error) = &shown {
            let (group, message) = (&group.name, &error.message);
            tracing::warn!(
                group,
                message,
                "whether the log group of a session is there is unknown"
            );
        } else if found.is_none() {
            tracing::warn!(group = group.name, "the log group of a session does not exist");
        }
        let is_encrypted = found.is_some_and(|group| group.kms_key_id.is_some());
        if group.must_be_encrypted && !is_encrypted {
            return Err(NO_ENCRYPTED_GROUP.into());
        }
        Ok(())
    }

    /// Refuses a bucket that must be encrypted, when the task's role cannot see that it is.
    /// (Each bucket is: there is none without an encryption.)
    pub async fn check_bucket(&self, bucket: &Bucket) -> Result<(), String> {
        if !bucket.must_be_encrypted {
            return Ok(());
        }
        let request = Request::get(format!("/{}?encryption", bucket.name));
        let request = request.body(Empty::<Bytes>::new()).map_err(|error| error.to_string())?;
        let shown = self.asked.s3.within(self.ctx(&self.region), request).await;
        shown.map(drop).map_err(|error| {
            format!(
                "Couldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: {}",
                told(&error)
            )
        })
    }

    /// Puts a transcript into a stream that is named as the session.
    pub async fn log(
        &self,
        group: &LogGroup,
        session_id: &str,
        transcript: &mut Transcript,
    ) -> Result<(), String> {
        let (ctx, services) = (self.ctx(&group.region), &self.asked.services);
        let created = CreateLogStreamRequest {
            log_group_name: group.name.clone(),
            log_stream_name: session_id.to_owned(),
        };
        let model = &logs::SERVICE;
        let created = services.invoke::<logs::CreateLogStream>(model, ctx.clone(), created).await;
        if let Err(error) = created
            && !self.is_stream(group, session_id).await
        {
            return Err(told(&error));
        }
        let mut messages = transcript.messages().await.map_err(|error| error.to_string())?;
        loop {
            let mut events = Vec::new();
            while events.len() < EVENTS
                && let Some(message) = messages.next().await.map_err(|e| e.to_string())?
            {
                events.push(InputLogEvent { message, timestamp: ctx.now.millis() });
            }
            if events.is_empty() {
                return Ok(());
            }
            let put = PutLogEventsRequest {
                log_events: events,
                log_group_name: group.name.clone(),
                log_stream_name: session_id.to_owned(),
                ..Default::default()
            };
            let put = services.invoke::<logs::PutLogEvents>(model, ctx.clone(), put).await;
            put.map_err(|error| told(&error))?;
        }
    }

    async fn is_stream(&self, group: &LogGroup, name: &str) -> bool {
        let input = DescribeLogStreamsRequest {
            log_group_name: Some(group.name.clone()),
            log_stream_name_prefix: Some(name.to_owned()),
            ..Default::default()
        };
        let (ctx, services) = (self.ctx(&group.region), &self.asked.services);
        let shown = services.invoke::<logs::DescribeLogStreams>(&logs::SERVICE, ctx, input).await;
        let streams = shown.ok().and_then(|shown| shown.log_streams).unwrap_or_default();
        streams.iter().any(|stream| stream.log_stream_name.as_deref() == Some(name))
    }

    /// Puts a transcript into an object that is named as the session.
    pub async fn put(
        &self,
        bucket: &Bucket,
        session_id: &str,
        transcript: &mut Transcript,
    ) -> Result<(), String> {
        let (length, file) = transcript.whole().await.map_err(|error| error.to_string())?;
        let chunks = futures_util::stream::try_unfold(file, |mut file| async move {
            let mut chunk = vec![0; CHUNK];
            let read = file.read(&mut chunk).await?;
            chunk.truncate(read);
            Ok::<_, std::io::Error>((read > 0).then(|| (Frame::data(Bytes::from(chunk)), file)))
        });
        let prefix = bucket.prefix.trim_end_matches('/');
        let separator = if prefix.is_empty() { "" } else { "/" };
        let key = format!("{prefix}{separator}{session_id}.log");
        let request = Request::builder()
            .method(Method::PUT)
            .uri(format!("/{}/{}", bucket.name, encoded(&key)))
            .header("content-type", "text/plain")
            .header("content-length", length)
            .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
            .body(StreamBody::new(chunks.boxed()))
            .map_err(|error| error.to_string())?;
        let put = self.asked.s3.within(self.ctx(&self.region), request).await;
        put.map(drop).map_err(|error| told(&error))
    }

    fn ctx(&self, region: &str) -> Ctx {
        let cloud = &self.asked.cloud;
        Ctx {
            cloud: cloud.clone(),
            caller: self.caller.clone(),
            region: region.to_owned(),
            request_id: cloud.rng.uuid(),
            now: cloud.clock.now(),
        }
    }
}

/// A session of the task's role, as its containers have it.
fn of_task_role(cloud: &Cloud, task: &Task) -> Result<Caller, String> {
    let role_arn = task.task_role_arn.as_deref().ok_or("the task has no task role")?;
    let now = cloud.clock.now();
    let wanted = Wanted {
        opener: Opener::Service { name: "ecs-tasks.amazonaws.com", source_arn: &task.arn },
        role_arn,
        session_name: &task.id,
        now,
        expires_at: now.plus_secs(3600),
        session_policies: Vec::new(),
        external_id: None,
    };
    let session = cloud.identity.open_session(&cloud.store.snapshot(), &wanted);
    session.map(|session| session.caller).map_err(|denied| denied.message)
}

/// What a data key is bound to: it decrypts in this session alone.
fn bound_to(grant: &Grant) -> BTreeMap<String, String> {
    let values = [("aws:ssm:SessionId", &grant.session_id), ("aws:ssm:TargetId", &grant.target)];
    values.map(|(key, value)| (key.to_owned(), value.clone())).into()
}

/// An error as SDKs print it.
pub fn told(error: &AwsError) -> String {
    format!("{}: {}", error.code, error.message)
}

/// A key as it stands in a path.
fn encoded(key: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let bytes = key.bytes();
    bytes
        .map(|b| if is_plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
