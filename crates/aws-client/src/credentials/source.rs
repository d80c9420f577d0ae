//! Which source of credentials the surroundings name.

use super::metadata::Metadata;
use super::role::Role;
use super::{CredentialsError, Identity};
use crate::line::Line;
use crate::surroundings::Surroundings;

/// A source of credentials.
#[derive(Debug, PartialEq, Eq)]
pub enum Source {
    Fixed(Identity),
    /// A role, assumed with credentials of another source.
    Role(Box<Source>, Role),
    /// A container's or an instance's.
    Metadata(Metadata),
}

impl Source {
    /// Asks for credentials.
    pub async fn fetch(&self, line: &Line) -> Result<Identity, CredentialsError> {
        match self {
            Source::Fixed(identity) => Ok(identity.clone()),
            Source::Metadata(metadata) => metadata.fetch(line.transport()).await,
            Source::Role(base, role) => {
                let identity = Box::pin(base.fetch(line)).await?;
                role.assume(line, &identity).await
            }
        }
    }
}

/// The first source that is there.
pub fn find(surroundings: &Surroundings) -> Result<Source, CredentialsError> {
    if !surroundings.profile_is_given() {
        if let Some(identity) = of_environment(surroundings)? {
            return Ok(Source::Fixed(identity));
        }
        if surroundings.variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
            return Err(CredentialsError::WebIdentity);
        }
    }
    let profile = surroundings.profile();
    if surroundings.has_profile(profile) {
        if let Some(source) = of_profile(surroundings, profile, &mut Vec::new())? {
            return Ok(source);
        }
    } else if profile != "default" {
        return Err(CredentialsError::NoProfile(profile.to_owned()));
    }
    Ok(Source::Metadata(Metadata::from(surroundings)))
}

fn of_environment(surroundings: &Surroundings) -> Result<Option<Identity>, CredentialsError> {
    let id = surroundings.variable("AWS_ACCESS_KEY_ID");
    let secret = surroundings.variable("AWS_SECRET_ACCESS_KEY");
    let token = surroundings.variable("AWS_SESSION_TOKEN");
    both(id, secret, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], token)
}

fn both(
    id: Option<&str>,
    secret: Option<&str>,
    names: [&str; 2],
    token: Option<&str>,
) -> Result<Option<Identity>, CredentialsError> {
    let half = |there: &str, missing: &str| CredentialsError::Half {
        there: there.to_owned(),
        missing: missing.to_owned(),
    };
    match (id, secret) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(half(names[0], names[1])),
        (None, Some(_)) => Err(half(names[1], names[0])),
        (Some(id), Some(secret)) => {
            let session_token = token.map(str::to_owned);
            Ok(Some(Identity { session_token, ..Identity::lasting(id, secret) }))
        }
    }
}

/// What a profile says; `seen` are the profiles that led here.
fn of_profile(
    surroundings: &Surroundings,
    profile: &str,
    seen: &mut Vec<String>,
) -> Result<Option<Source>, CredentialsError> {
    let setting = |key: &str| surroundings.setting(profile, key);
    let again = seen.iter().any(|other| other == profile);
    // A profile may assume its role with its own keys.
    if let Some(role_arn) = setting("role_arn").filter(|_| !again) {
        seen.push(profile.to_owned());
        let role = Role::of_profile(surroundings, profile, role_arn)?;
        let base = base_of(surroundings, profile, seen)?;
        return Ok(Some(Source::Role(Box::new(base), role)));
    }
    let names = ["aws_access_key_id", "aws_secret_access_key"];
    let keys = both(setting(names[0]), setting(names[1]), names, setting("aws_session_token"))?;
    if let Some(identity) = keys {
        return Ok(Some(Source::Fixed(identity)));
    }
    if again {
        return Err(CredentialsError::Circle(profile.to_owned()));
    }
    let kinds = [
        ("sso_session", "single sign-on"),
        ("sso_start_url", "single sign-on"),
        ("login_session", "a login session"),
        ("credential_process", "a credential process"),
        ("web_identity_token_file", "a web identity"),
    ];
    match kinds.into_iter().find(|(key, _)| setting(key).is_some()) {
        Some((_, kind)) => Err(CredentialsError::Unsupported { profile: profile.to_owned(), kind }),
        None => Ok(None),
    }
}

/// With what a profile assumes its role.
fn base_of(
    surroundings: &Surroundings,
    profile: &str,
    seen: &mut Vec<String>,
) -> Result<Source, CredentialsError> {
    if surroundings.setting(profile, "web_identity_token_file").is_some() {
        let kind = "a web identity";
        return Err(CredentialsError::Unsupported { profile: profile.to_owned(), kind });
    }
    if let Some(source) = surroundings.setting(profile, "source_profile") {
        if !surroundings.has_profile(source) {
            return Err(CredentialsError::NoProfile(source.to_owned()));
        }
        let found = of_profile(surroundings, source, seen)?;
        return Ok(found.unwrap_or_else(|| Source::Metadata(Metadata::from(surroundings))));
    }
    let unknown = |value: &str| CredentialsError::Setting {
        profile: profile.to_owned(),
        key: "credential_source",
        value: value.to_owned(),
        wanted: "give a source_profile, or one of Environment, EcsContainer, Ec2InstanceMetadata",
    };
    match surroundings.setting(profile, "credential_source") {
        Some("Environment") => {
            let identity = of_environment(surroundings)?;
            let identity = identity.ok_or_else(|| CredentialsError::Half {
                there: format!("credential_source = Environment of the profile \"{profile}\""),
                missing: "AWS_ACCESS_KEY_ID".into(),
            });
            identity.map(Source::Fixed)
        }
        Some("EcsContainer" | "Ec2InstanceMetadata") => {
            Ok(Source::Metadata(Metadata::from(surroundings)))
        }
        other => Err(unknown(other.unwrap_or("nothing"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    const CONFIG: &str = "
[default]
region = us-west-2
[profile deploy]
role_arn = arn:aws:iam::1:role/deploy
source_profile = keys
external_id = x
[profile two]
role_arn = arn:aws:iam::1:role/two
source_profile = deploy
[profile self]
role_arn = arn:aws:iam::1:role/self
source_profile = self
aws_access_key_id = AKSELF
aws_secret_access_key = s
[profile circle]
role_arn = arn:aws:iam::1:role/a
source_profile = circle2
[profile circle2]
role_arn = arn:aws:iam::1:role/b
source_profile = circle
[profile sso]
sso_session = corp
[profile process]
credential_process = /bin/x
[profile lost]
role_arn = arn:aws:iam::1:role/c
source_profile = nobody
[profile sourceless]
role_arn = arn:aws:iam::1:role/c
credential_source = Magic
[profile mfa]
role_arn = arn:aws:iam::1:role/c
source_profile = keys
mfa_serial = arn:aws:iam::1:mfa/me
";
    const KEYS: &str = "
[keys]
aws_access_key_id = AKKEYS
aws_secret_access_key = s
[half]
aws_access_key_id = AK
";

    fn told(variables: &[(&str, &str)]) -> String {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(".aws")).unwrap();
        std::fs::write(dir.path().join(".aws/config"), CONFIG).unwrap();
        std::fs::write(dir.path().join(".aws/credentials"), KEYS).unwrap();
        let home = dir.path().to_str().unwrap().to_owned();
        let variables = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        let all = variables.chain([("HOME".to_owned(), home)]);
        match find(&Surroundings::with_variables(all).unwrap()) {
            Ok(source) => format!("{source:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn in_the_order_of_awss_tools() {
        let keys = [("AWS_ACCESS_KEY_ID", "AKENV"), ("AWS_SECRET_ACCESS_KEY", "s")];
        let mut lines = vec![told(&keys), told(&keys[..1]), told(&keys[1..])];
        for profile in [
            "keys",
            "half",
            "deploy",
            "two",
            "self",
            "circle",
            "sso",
            "process",
            "lost",
            "sourceless",
            "mfa",
            "nobody",
            "default",
        ] {
            lines.push(format!("{profile}: {}", told(&[("AWS_PROFILE", profile)])));
        }
        expect![[r#"
            Fixed(Identity(AKENV, …))
            AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not: set both
            AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not: set both
            keys: Fixed(Identity(AKKEYS, …))
            half: aws_access_key_id is set and aws_secret_access_key is not: set both
            deploy: Role(Fixed(Identity(AKKEYS, …)), Role { arn: "arn:aws:iam::1:role/deploy", session_name: "neargate", external_id: Some("x"), duration_secs: None })
            two: Role(Role(Fixed(Identity(AKKEYS, …)), Role { arn: "arn:aws:iam::1:role/deploy", session_name: "neargate", external_id: Some("x"), duration_secs: None }), Role { arn: "arn:aws:iam::1:role/two", session_name: "neargate", external_id: None, duration_secs: None })
            self: Role(Fixed(Identity(AKSELF, …)), Role { arn: "arn:aws:iam::1:role/self", session_name: "neargate", external_id: None, duration_secs: None })
            circle: The profile "circle" takes its credentials from itself by way of source_profile
            sso: The profile "sso" uses single sign-on, which this program does not do itself. Run `aws configure export-credentials --profile sso --format env` and set the variables that it prints
            process: The profile "process" uses a credential process, which this program does not do itself. Run `aws configure export-credentials --profile process --format env` and set the variables that it prints
            lost: The profile "nobody" is in neither ~/.aws/config nor ~/.aws/credentials
            sourceless: The profile "sourceless" has credential_source = Magic: give a source_profile, or one of Environment, EcsContainer, Ec2InstanceMetadata
            mfa: The profile "mfa" has mfa_serial = arn:aws:iam::1:mfa/me: a code cannot be asked for here; run `aws configure export-credentials --format env` with this profile and set the variables that it prints
            nobody: The profile "nobody" is in neither ~/.aws/config nor ~/.aws/credentials
            default: Metadata(Instance { url: "http://169.254.169.254" })"#]].assert_eq(&lines.join("\n"));
    }
}
