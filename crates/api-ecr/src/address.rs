//! Which references are to repositories of ours.

use neargate_api::Cloud;
use neargate_images::ImageReference;

/// A repository of ours, as a reference names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    pub region: String,
    pub repository: String,
}

/// The host of every repository URI.
pub fn registry_host(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

/// The repository that `reference` names, if it is one of ours; a reference
/// without a region of its own is to `region`.
pub fn repository_of(cloud: &Cloud, region: &str, reference: &ImageReference) -> Option<Ours> {
    let (host, port) = (reference.registry.as_str(), cloud.port);
    let local = [registry_host(port), format!("localhost:{port}")];
    let aws = host
        .strip_prefix(&format!("{}.dkr.ecr.", cloud.account))
        .and_then(|rest| rest.strip_suffix(".amazonaws.com"));
    let region = match aws {
        Some(region) => region,
        None if local.iter().any(|own| own == host) => region,
        None => return None,
    };
    Some(Ours { region: region.to_owned(), repository: reference.repository.clone() })
}
