//! "ECR Image Action": a push, or a deletion, of an image under each of its tags.
//! Source: "Amazon ECR events and EventBridge" in the user guide.

use std::collections::BTreeSet;

use neargate_api::model::ecr::Image;
use neargate_rules::event::Telling;
use serde_json::json;

use super::Change;

pub fn told(change: Change<'_, Image>) -> Vec<Telling> {
    let none = BTreeSet::new();
    let tags = |image: Option<&Image>| image.map_or(&none, |image| &image.tags).clone();
    let (before, after) = (tags(change.before), tags(change.after));
    let Some(image) = change.after else {
        // With its last tag, or by its digest: it is gone.
        let Some(gone) = change.before else { return Vec::new() };
        return each(gone, "DELETE", before.iter(), gone.tags.is_empty());
    };
    let is_new = change.before.is_none();
    let mut told = each(image, "PUSH", after.difference(&before), is_new && after.is_empty());
    // A tag that another image has now has moved: that is the other's push.
    let went = before.difference(&after).filter(|tag| !is_held(&change, image, tag));
    told.extend(each(image, "DELETE", went, false));
    told
}

fn each<'a>(
    image: &Image,
    action: &str,
    tags: impl Iterator<Item = &'a String>,
    untagged: bool,
) -> Vec<Telling> {
    let tags = tags.map(Some).chain(untagged.then_some(None));
    tags.map(|tag| {
        let mut detail = json!({
            "result": "SUCCESS",
            "repository-name": image.repository,
            "image-digest": image.digest,
            "action-type": action,
        });
        if let Some(tag) = tag {
            detail["image-tag"] = tag.as_str().into();
        }
        Telling::new("aws.ecr", "ECR Image Action", None, &detail)
    })
    .collect()
}

fn is_held(change: &Change<'_, Image>, image: &Image, tag: &str) -> bool {
    let all = Image::all_of(change.snapshot, &image.region, &image.repository);
    all.iter().any(|other| other.tags.contains(tag))
}
