//! Manifests and indexes: which blobs an image is made of.
//!
//! Sources: OCI image-spec `manifest.md` and `image-index.md`; Docker "Image
//! Manifest V2, Schema 2". Both families parse into the same types, for they
//! differ in media types only. Unknown members are ignored, as OCI asks: the
//! bytes that are stored are always the bytes that came.

use std::collections::BTreeMap;

use neargate_blobs::Digest;
use serde::{Deserialize, Serialize};

use crate::media;
use crate::platform::Platform;

/// The largest manifest that is taken or read, in bytes.
pub const MANIFEST_LIMIT: u64 = 4 * 1024 * 1024;

/// A reference to a blob by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    pub media_type: String,
    pub digest: Digest,
    pub size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// One image (or artifact): a configuration and layers, lowest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    #[serde(default)]
    pub media_type: Option<String>,
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
    #[serde(default)]
    pub subject: Option<Descriptor>,
    #[serde(default)]
    pub artifact_type: Option<String>,
    #[serde(default)]
    pub annotations: Option<BTreeMap<String, String>>,
}

/// A list of manifests, one for each platform.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    #[serde(default)]
    pub media_type: Option<String>,
    pub manifests: Vec<Descriptor>,
    #[serde(default)]
    pub subject: Option<Descriptor>,
    #[serde(default)]
    pub artifact_type: Option<String>,
    #[serde(default)]
    pub annotations: Option<BTreeMap<String, String>>,
}

/// Either of them.
#[allow(clippy::large_enum_variant, reason = "one is alive at a time, and briefly")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    Manifest(Manifest),
    Index(Index),
}

/// Why bytes are no manifest that can be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    #[error("the manifest has no media type: neither a Content-Type nor a mediaType says it")]
    NoMediaType,
    #[error("manifests of the media type {0:?} are not supported")]
    Unsupported(String),
    #[error("the manifest says {inner:?} of itself, and was sent as {outer:?}")]
    Contradiction { outer: String, inner: String },
    #[error("the manifest is not valid: {0}")]
    Invalid(String),
}

/// What a parsed document is, with the media type that it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    pub media_type: String,
    pub document: Document,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    schema_version: Option<u64>,
    media_type: Option<String>,
    manifests: Option<serde::de::IgnoredAny>,
    layers: Option<serde::de::IgnoredAny>,
}

/// Parses a manifest or an index. `content_type` is what the sender called it;
/// without one, what the document says of itself, or what its members show.
pub fn parse(bytes: &[u8], content_type: Option<&str>) -> Result<Parsed, ManifestError> {
    let invalid = |error: serde_json::Error| ManifestError::Invalid(error.to_string());
    let outline: Outline = serde_json::from_slice(bytes).map_err(invalid)?;
    let media_type = media_type_of(&outline, content_type)?;
    if outline.schema_version != Some(2) {
        return Err(ManifestError::Invalid("schemaVersion must be 2".into()));
    }
    let document = if media::is_index(&media_type) {
        if outline.layers.is_some() {
            return Err(ManifestError::Invalid("an index has no layers".into()));
        }
        Document::Index(serde_json::from_slice(bytes).map_err(invalid)?)
    } else {
        if outline.manifests.is_some() {
            return Err(ManifestError::Invalid("a manifest has no manifests".into()));
        }
        Document::Manifest(serde_json::from_slice(bytes).map_err(invalid)?)
    };
    Ok(Parsed { media_type, document })
}

fn media_type_of(outline: &Outline, content_type: Option<&str>) -> Result<String, ManifestError> {
    let outer = content_type
        .map(|text| text.split(';').next().unwrap_or_default().trim().to_string())
        .filter(|text| !text.is_empty() && text != "application/json");
    let inner = outline.media_type.clone().filter(|text| !text.is_empty());
    let media_type = match (outer, inner) {
        (Some(outer), Some(inner)) if outer != inner => {
            return Err(ManifestError::Contradiction { outer, inner });
        }
        (Some(outer), _) => outer,
        (None, Some(inner)) => inner,
        (None, None) if outline.manifests.is_some() => media::OCI_INDEX.to_string(),
        (None, None) if outline.layers.is_some() => media::OCI_MANIFEST.to_string(),
        (None, None) => return Err(ManifestError::NoMediaType),
    };
    if media::is_index(&media_type) || media::is_manifest(&media_type) {
        Ok(media_type)
    } else {
        Err(ManifestError::Unsupported(media_type))
    }
}

impl Parsed {
    /// The manifest that this one is about (a signature's, an SBOM's).
    pub fn subject(&self) -> Option<&Descriptor> {
        match &self.document {
            Document::Manifest(manifest) => manifest.subject.as_ref(),
            Document::Index(index) => index.subject.as_ref(),
        }
    }

    /// The type that the referrers API shows: the artifact's, else the configuration's.
    pub fn artifact_type(&self) -> Option<&str> {
        match &self.document {
            Document::Manifest(manifest) => {
                Some(manifest.artifact_type.as_deref().unwrap_or(&manifest.config.media_type))
            }
            Document::Index(index) => index.artifact_type.as_deref(),
        }
    }

    pub fn annotations(&self) -> BTreeMap<String, String> {
        let annotations = match &self.document {
            Document::Manifest(manifest) => &manifest.annotations,
            Document::Index(index) => &index.annotations,
        };
        annotations.clone().unwrap_or_default()
    }

    /// All blobs that must be there for this one to be served; for an index,
    /// its manifests.
    pub fn children(&self) -> Vec<&Descriptor> {
        match &self.document {
            Document::Manifest(manifest) => {
                let layers = manifest.layers.iter();
                let ours = layers.filter(|layer| !media::is_foreign_layer(&layer.media_type));
                std::iter::once(&manifest.config).chain(ours).collect()
            }
            Document::Index(index) => index.manifests.iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor(media_type: &str) -> String {
        let digest = Digest::of(media_type.as_bytes());
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":3}}"#)
    }

    fn image() -> String {
        let (config, layer) = (descriptor(media::OCI_CONFIG), descriptor(media::OCI_LAYER_GZIP));
        format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{layer}],"annotations":null}}"#)
    }

    #[test]
    fn an_image_is_recognised_by_its_members() {
        let parsed = parse(image().as_bytes(), None).unwrap();
        assert_eq!(parsed.media_type, media::OCI_MANIFEST);
        assert_eq!(parsed.children().len(), 2);
        assert_eq!(parsed.artifact_type(), Some(media::OCI_CONFIG));
    }

    #[test]
    fn an_index_is_recognised_by_its_members() {
        let child = descriptor(media::OCI_MANIFEST);
        let text = format!(r#"{{"schemaVersion":2,"manifests":[{child}]}}"#);
        let parsed = parse(text.as_bytes(), Some("application/json; charset=utf-8")).unwrap();
        assert_eq!(parsed.media_type, media::OCI_INDEX);
    }

    #[test]
    fn refusals() {
        let check = |text: &str, content_type: Option<&str>| {
            parse(text.as_bytes(), content_type).unwrap_err().to_string()
        };
        assert!(check("{", None).contains("EOF"));
        assert!(check("{}", None).contains("no media type"));
        assert!(check(&image(), Some("text/plain")).contains("not supported"));
        let one = image().replace("\"schemaVersion\":2", "\"schemaVersion\":1");
        assert!(check(&one, None).contains("schemaVersion"));
        let both = image().replace("\"layers\"", "\"manifests\":[],\"layers\"");
        assert!(check(&both, Some(media::OCI_MANIFEST)).contains("no manifests"));
        let said = image().replace("{\"sch", "{\"mediaType\":\"a/b\",\"sch");
        assert!(check(&said, Some(media::OCI_MANIFEST)).contains("of itself"));
    }
}
