//! What a signature is good for.

/// The scope inside an `Authorization` header or a presigned URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CredentialScope {
    pub access_key_id: String,
    /// `20260102`.
    pub date: String,
    pub region: String,
    /// The service's signing name.
    pub service: String,
}

impl CredentialScope {
    /// The scope of a request that is signed at `date`, `20260102T030405Z`.
    pub fn new(access_key_id: &str, date: &str, region: &str, service: &str) -> Self {
        CredentialScope {
            access_key_id: access_key_id.into(),
            date: date.chars().take(8).collect(),
            region: region.into(),
            service: service.into(),
        }
    }

    /// Parses `AKID/20260102/us-west-2/ecs/aws4_request`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let mut part = || parts.next();
        let (access_key_id, date, region, service) = (part()?, part()?, part()?, part()?);
        if (part(), part()) != (Some("aws4_request"), None) {
            return None;
        }
        Some(CredentialScope {
            access_key_id: access_key_id.into(),
            date: date.into(),
            region: region.into(),
            service: service.into(),
        })
    }
}
