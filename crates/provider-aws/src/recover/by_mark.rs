//! Objects that are found by the tag that they were made with.

use std::collections::BTreeMap;

use neargate_api_types::{acm, ec2, ecs, elbv2, kms};
use neargate_aws_client::pages;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Failure, found};
use crate::resources::{acm_certificate, filters, kms_key};
use crate::tags::{self, MARK};

/// Whatever EC2 has.
pub async fn of_ec2(cloud: &Cloud, mark: &str) -> Result<Option<String>, Failure> {
    let filters = filters([("key", MARK), ("value", mark)]);
    let input = ec2::DescribeTagsRequest { filters, ..Default::default() };
    let tags = cloud.call::<ec2::DescribeTags>(&input).await?.tags.unwrap_or_default();
    Ok(tags.into_iter().find_map(|tag| tag.resource_id))
}

/// The newest of the family, if it is the one.
pub async fn definition(
    cloud: &Cloud,
    planned: &Attributes,
    mark: &str,
) -> Result<Option<Attributes>, Failure> {
    let family = planned.required("family");
    let input = ecs::DescribeTaskDefinitionRequest {
        include: Some(vec!["TAGS".to_owned()]),
        task_definition: family.clone(),
    };
    let described = cloud.call::<ecs::DescribeTaskDefinition>(&input).await;
    let Some(described) = found(described, &["ClientException"])? else { return Ok(None) };
    let tags = described.tags.unwrap_or_default();
    let is_it =
        |tag: &ecs::Tag| tag.key.as_deref() == Some(MARK) && tag.value.as_deref() == Some(mark);
    if !tags.iter().any(is_it) {
        return Ok(None);
    }
    let arn = described.task_definition.unwrap_or_default().task_definition_arn;
    let mut known = planned.clone();
    known.set("id", family);
    known.set("arn", arn);
    Ok(Some(known))
}

/// A key of KMS, of those that the caller may look into.
pub async fn key(cloud: &Cloud, mark: &str) -> Result<Option<String>, Failure> {
    let keys = pages(|marker| {
        let input = kms::ListKeysRequest { marker, ..Default::default() };
        async move {
            let page = cloud.call::<kms::ListKeys>(&input).await?;
            Ok((page.keys.unwrap_or_default(), page.next_marker))
        }
    });
    for id in keys.await?.into_iter().filter_map(|key| key.key_id) {
        // A key's policy may keep even its tags from whoever lists it.
        let tags = found(kms_key::tags_of(cloud, &id).await, &["AccessDeniedException"])?;
        if tags.is_some_and(|tags| has(&tags, mark)) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// A certificate of ACM, whatever its key: a list without more has those of RSA up to 2048 bits.
pub async fn certificate(cloud: &Cloud, mark: &str) -> Result<Option<String>, Failure> {
    const KEYS: [&str; 7] = [
        "RSA_1024",
        "RSA_2048",
        "RSA_3072",
        "RSA_4096",
        "EC_prime256v1",
        "EC_secp384r1",
        "EC_secp521r1",
    ];
    let key_types = Some(KEYS.map(str::to_owned).to_vec());
    let includes = acm::Filters { key_types, ..Default::default() };
    let certificates = pages(|next_token| {
        let input = acm::ListCertificatesRequest {
            includes: Some(includes.clone()),
            next_token,
            ..Default::default()
        };
        async move {
            let page = cloud.call::<acm::ListCertificates>(&input).await?;
            Ok((page.certificate_summary_list.unwrap_or_default(), page.next_token))
        }
    });
    for arn in certificates.await?.into_iter().filter_map(|one| one.certificate_arn) {
        if has(&acm_certificate::tags_of(cloud, &arn).await?, mark) {
            return Ok(Some(arn));
        }
    }
    Ok(None)
}

/// A rule of the listener.
pub async fn rule(
    cloud: &Cloud,
    planned: &Attributes,
    mark: &str,
) -> Result<Option<String>, Failure> {
    let rules = pages(|marker| {
        let input = elbv2::DescribeRulesInput {
            listener_arn: planned.string("listener_arn"),
            marker,
            ..Default::default()
        };
        async move {
            let page = cloud.call::<elbv2::DescribeRules>(&input).await?;
            Ok((page.rules.unwrap_or_default(), page.next_marker))
        }
    });
    let rules = found(rules.await, &["ListenerNotFound"])?.unwrap_or_default();
    for arn in rules.into_iter().filter_map(|rule| rule.rule_arn) {
        if has(&tags::elbv2::of(cloud, &arn).await?, mark) {
            return Ok(Some(arn));
        }
    }
    Ok(None)
}

fn has(tags: &BTreeMap<String, String>, mark: &str) -> bool {
    tags.get(MARK).is_some_and(|value| value == mark)
}
