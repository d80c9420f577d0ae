//! Taking images away. By digest, the image goes with all its tags; by tag, the
//! tag goes, and the image with its last one.

use neargate_api::model::ecr::Image;
use neargate_api::types::ecr::{ImageFailure, ImageIdentifier};
use neargate_api::{Record, Tx};

use crate::image;

/// What went, as BatchDeleteImage lists it; or why nothing did.
pub fn remove(
    tx: &mut Tx,
    region: &str,
    repository: &str,
    id: ImageIdentifier,
) -> Result<Vec<ImageIdentifier>, ImageFailure> {
    let Some(found) = image::find(tx.view(), region, repository, &id) else {
        return Err(image::failure(id));
    };
    if let Some(index) = needed_by(tx, &found) {
        return Err(ImageFailure {
            failure_code: Some("ImageReferencedByManifestList".into()),
            failure_reason: Some(format!("Requested image referenced by manifest list: [{index}]")),
            image_id: Some(id),
        });
    }
    let named = |tag: &String| ImageIdentifier {
        image_digest: Some(found.digest.clone()),
        image_tag: Some(tag.clone()),
    };
    let key = found.key();
    if let (None, Some(tag)) = (&id.image_digest, &id.image_tag)
        && found.tags.len() > 1
    {
        tx.update::<Image>(&key, |image| {
            image.tags.remove(tag);
        });
        return Ok(vec![named(tag)]);
    }
    tx.delete::<Image>(&key);
    if found.tags.is_empty() {
        return Ok(vec![ImageIdentifier {
            image_digest: Some(found.digest.clone()),
            image_tag: None,
        }]);
    }
    Ok(found.tags.iter().map(named).collect())
}

/// An index that the image is in.
fn needed_by(tx: &Tx, image: &Image) -> Option<String> {
    let all = Image::all_of(tx.view(), &image.region, &image.repository);
    all.iter().find(|other| other.manifests.contains(&image.digest)).map(|i| i.digest.clone())
}
