//! What never stands in an event: the members that AWS's models call sensitive,
//! each hidden as its service hides it. Pure.

/// How a member is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// As if it had not been given.
    LeftOut,
    /// Shown to have been given.
    As(&'static str),
}

const REASONS: Hidden = Hidden::As("HIDDEN_DUE_TO_SECURITY_REASONS");

/// How the member of this name is hidden; `None` for those that are shown.
pub fn hidden(service: &str, member: &str) -> Option<Hidden> {
    match (service, member) {
        (
            "secretsmanager",
            "SecretString" | "SecretBinary" | "RandomPassword" | "RotationToken",
        ) => Some(Hidden::LeftOut),
        ("kms", name) if name.contains("Plaintext") => Some(Hidden::LeftOut),
        ("rds", "MasterUserPassword" | "TdeCredentialPassword") => Some(Hidden::As("****")),
        // A session's token holds its secret here, though sealed.
        ("sts", "SecretAccessKey" | "SessionToken") => Some(REASONS),
        ("ssm", "Value" | "TokenValue") => Some(REASONS),
        ("ecs", "environment" | "repositoryCredentials" | "tokenValue") => Some(REASONS),
        ("acm", "PrivateKey" | "Passphrase") | ("sns", "PhoneNumber") => Some(REASONS),
        (_, "ClientSecret" | "Password") => Some(REASONS),
        _ => None,
    }
}
