//! A rule of a bucket's lifecycle, as S3 has it and as the resource has it.

use neargate_wire::read::Element;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::resources::s3::{tag, text};

/// A rule for S3.
pub fn write(rule: &Attributes) -> String {
    let mut inner = text("ID", rule.text("id"));
    inner += &match rule.block("filter") {
        Some(filter) => tag("Filter", &write_filter(&filter)),
        // The old place of the prefix.
        None => tag("Prefix", &text_of(rule.text("prefix"))),
    };
    inner += &text("Status", rule.text("status"));
    let days = |block: &Attributes, name| block.number(name).filter(|number| *number > 0);
    if let Some(block) = rule.block("abort_incomplete_multipart_upload") {
        let after = text("DaysAfterInitiation", days(&block, "days_after_initiation"));
        inner += &tag("AbortIncompleteMultipartUpload", &after);
    }
    if let Some(block) = rule.block("expiration") {
        let marker = block.bool("expired_object_delete_marker").filter(|is| *is);
        let when = [
            text("Date", block.text("date")),
            text("Days", days(&block, "days")),
            text("ExpiredObjectDeleteMarker", marker),
        ];
        inner += &tag("Expiration", &when.concat());
    }
    for block in rule.blocks("transition") {
        let when = match block.text("date") {
            Some(date) => text("Date", Some(date)),
            None => text("Days", Some(block.number("days").unwrap_or(0))),
        };
        inner += &tag("Transition", &(when + &text("StorageClass", block.text("storage_class"))));
    }
    let noncurrent = |block: &Attributes| {
        let newer = text("NewerNoncurrentVersions", days(block, "newer_noncurrent_versions"));
        newer + &text("NoncurrentDays", block.number("noncurrent_days"))
    };
    if let Some(block) = rule.block("noncurrent_version_expiration") {
        inner += &tag("NoncurrentVersionExpiration", &noncurrent(&block));
    }
    for block in rule.blocks("noncurrent_version_transition") {
        let class = text("StorageClass", block.text("storage_class"));
        inner += &tag("NoncurrentVersionTransition", &(noncurrent(&block) + &class));
    }
    tag("Rule", &inner)
}

fn text_of(text: Option<&str>) -> String {
    text.unwrap_or_default().replace('&', "&amp;").replace('<', "&lt;")
}

fn sizes(block: &Attributes) -> String {
    let size = |name| block.number(name).filter(|size| *size > 0);
    text("ObjectSizeGreaterThan", size("object_size_greater_than"))
        + &text("ObjectSizeLessThan", size("object_size_less_than"))
}

fn write_filter(filter: &Attributes) -> String {
    if let Some(and) = filter.block("and") {
        let tags = and.map("tags");
        let one = |(key, value): (&String, &String)| {
            tag("Tag", &(text("Key", Some(key)) + &text("Value", Some(value))))
        };
        let tags: String = tags.iter().map(one).collect();
        return tag("And", &(text("Prefix", and.text("prefix")) + &sizes(&and) + &tags));
    }
    if let Some(one) = filter.block("tag") {
        return tag(
            "Tag",
            &(text("Key", one.text("key")) + &text("Value", Some(one.required("value")))),
        );
    }
    match sizes(filter) {
        // One that is empty is for all objects.
        none if none.is_empty() => tag("Prefix", &text_of(filter.text("prefix"))),
        sizes => sizes,
    }
}

/// A rule of S3's.
pub fn read(rule: &Element) -> Json {
    let block =
        |name, of: &dyn Fn(&Element) -> Json| -> Vec<Json> { rule.all(name).map(of).collect() };
    json!({
        "id": rule.text_of("ID"),
        "prefix": rule.text_of("Prefix").unwrap_or_default(),
        "status": rule.text_of("Status"),
        "filter": block("Filter", &read_filter),
        "abort_incomplete_multipart_upload": block("AbortIncompleteMultipartUpload", &|upload| {
            json!({ "days_after_initiation": number(upload, "DaysAfterInitiation") })
        }),
        "expiration": block("Expiration", &|expiration| {
            json!({
                "date": expiration.text_of("Date"),
                "days": number(expiration, "Days").unwrap_or(0),
                "expired_object_delete_marker":
                    expiration.text_of("ExpiredObjectDeleteMarker") == Some("true"),
            })
        }),
        "transition": block("Transition", &|transition| {
            json!({
                "date": transition.text_of("Date"),
                "days": number(transition, "Days"),
                "storage_class": transition.text_of("StorageClass"),
            })
        }),
        "noncurrent_version_expiration": block("NoncurrentVersionExpiration", &|expiration| {
            json!({
                "newer_noncurrent_versions": number(expiration, "NewerNoncurrentVersions"),
                "noncurrent_days": number(expiration, "NoncurrentDays"),
            })
        }),
        "noncurrent_version_transition": block("NoncurrentVersionTransition", &|transition| {
            json!({
                "newer_noncurrent_versions": number(transition, "NewerNoncurrentVersions"),
                "noncurrent_days": number(transition, "NoncurrentDays"),
                "storage_class": transition.text_of("StorageClass"),
            })
        }),
    })
}

fn number(of: &Element, name: &str) -> Option<i64> {
    of.text_of(name)?.trim().parse().ok()
}

fn key_and_value(tag: &Element) -> (String, String) {
    let text = |name| tag.text_of(name).unwrap_or_default().to_owned();
    (text("Key"), text("Value"))
}

fn read_filter(filter: &Element) -> Json {
    let and: Vec<Json> = filter
        .all("And")
        .map(|and| {
            let tags = and.all("Tag").map(key_and_value);
            let tags: serde_json::Map<String, Json> =
                tags.map(|(key, value)| (key, Json::from(value))).collect();
            json!({
                "object_size_greater_than": number(and, "ObjectSizeGreaterThan").unwrap_or(0),
                "object_size_less_than": number(and, "ObjectSizeLessThan").unwrap_or(0),
                "prefix": and.text_of("Prefix").unwrap_or_default(),
                "tags": if tags.is_empty() { Json::Null } else { Json::Object(tags) },
            })
        })
        .collect();
    let tags: Vec<Json> = filter
        .all("Tag")
        .map(key_and_value)
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    json!({
        "and": and,
        "object_size_greater_than": number(filter, "ObjectSizeGreaterThan"),
        "object_size_less_than": number(filter, "ObjectSizeLessThan"),
        "prefix": filter.text_of("Prefix").unwrap_or_default(),
        "tag": tags,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rule: Json) -> String {
        write(&Attributes::from(rule))
    }

    #[test]
    fn a_rule_as_s3_takes_it() {
        let rule = json!({
            "id": "expire",
            "status": "Enabled",
            "filter": [{ "prefix": null }],
            "expiration": [{ "days": 30 }],
            "noncurrent_version_expiration": [{ "noncurrent_days": 7 }],
            "abort_incomplete_multipart_upload": [{ "days_after_initiation": 1 }],
        });
        let expected = "<Rule><ID>expire</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>\
             <AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
             </AbortIncompleteMultipartUpload><Expiration><Days>30</Days></Expiration>\
             <NoncurrentVersionExpiration><NoncurrentDays>7</NoncurrentDays>\
             </NoncurrentVersionExpiration></Rule>";
        assert_eq!(written(rule), expected);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let rule = json!({
            "id": "a",
            "prefix": "",
            "status": "Disabled",
            "filter": [{
                "and": [{
                    "object_size_greater_than": 10,
                    "object_size_less_than": 0,
                    "prefix": "a&b/",
                    "tags": { "k": "v" },
                }],
                "object_size_greater_than": null,
                "object_size_less_than": null,
                "prefix": "",
                "tag": [],
            }],
            "abort_incomplete_multipart_upload": [],
            "expiration": [],
            "transition": [{ "date": null, "days": 30, "storage_class": "GLACIER" }],
            "noncurrent_version_expiration": [],
            "noncurrent_version_transition": [],
        });
        let document = written(rule.clone());
        assert_eq!(read(&Element::read(document.as_bytes()).unwrap()), rule);
    }
}
