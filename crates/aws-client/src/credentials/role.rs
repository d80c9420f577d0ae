//! A role that is assumed with other credentials, through STS.

use neargate_api_types::sts;

use super::{CredentialsError, Identity};
use crate::line::Line;
use crate::surroundings::Surroundings;
use crate::{answer, request};

/// A role and how it is assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub arn: String,
    pub session_name: String,
    pub external_id: Option<String>,
    pub duration_secs: Option<i32>,
}

impl Role {
    /// The role of a profile with its settings.
    pub fn of_profile(
        surroundings: &Surroundings,
        profile: &str,
        arn: &str,
    ) -> Result<Self, CredentialsError> {
        let setting = |key: &str| surroundings.setting(profile, key);
        let wrong = |key: &'static str, value: &str, wanted: &'static str| {
            let (profile, value) = (profile.to_owned(), value.to_owned());
            CredentialsError::Setting { profile, key, value, wanted }
        };
        if let Some(serial) = setting("mfa_serial") {
            let wanted = "a code cannot be asked for here; run `aws configure export-credentials --format env` \
                          with this profile and set the variables that it prints";
            return Err(wrong("mfa_serial", serial, wanted));
        }
        let duration = setting("duration_seconds").map(|text| {
            text.parse().map_err(|_| wrong("duration_seconds", text, "give a number of seconds"))
        });
        let name =
            setting("role_session_name").or_else(|| surroundings.variable("AWS_ROLE_SESSION_NAME"));
        Ok(Role {
            arn: arn.to_owned(),
            session_name: name.unwrap_or("neargate").to_owned(),
            external_id: setting("external_id").map(str::to_owned),
            duration_secs: duration.transpose()?,
        })
    }

    /// Assumes it.
    pub async fn assume(
        &self,
        line: &Line,
        identity: &Identity,
    ) -> Result<Identity, CredentialsError> {
        let failed = |cause: String| CredentialsError::Fetch {
            from: format!("The role {}", self.arn),
            cause,
        };
        let input = sts::AssumeRoleRequest {
            role_arn: self.arn.clone(),
            role_session_name: self.session_name.clone(),
            external_id: self.external_id.clone(),
            duration_seconds: self.duration_secs,
            ..Default::default()
        };
        let request = request::of::<sts::AssumeRole>(line, &sts::SERVICE, &input);
        let reply = line.send(&request, identity).await.map_err(|e| failed(e.to_string()))?;
        if let Some(error) = answer::error(&request, &reply) {
            return Err(failed(error.to_string()));
        }
        let output = answer::output::<sts::AssumeRole>(&request, &reply);
        let output = output.map_err(|error| failed(error.to_string()))?;
        let given = output.credentials.ok_or_else(|| failed("no credentials".to_owned()))?;
        Ok(Identity {
            access_key_id: given.access_key_id,
            secret_access_key: given.secret_access_key,
            session_token: Some(given.session_token),
            expires_at: Some(given.expiration),
        })
    }
}
