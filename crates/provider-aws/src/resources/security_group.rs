//! `aws_security_group` and `aws_default_security_group`, with the rules that stand in
//! them. Rules are compared one source at a time, so that a block with two CIDRs is
//! two of them; what a block describes keeps its form in the state.

mod rules;

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::filters;
use crate::{tags, waits};
use rules::{Direction, blocks_of, change};

/// Either: the VPC's own is taken over, and not deleted.
pub struct SecurityGroup {
    pub default: bool,
}

const MISSING: [&str; 2] = ["InvalidGroup.NotFound", "InvalidGroupId.Malformed"];

#[async_trait]
impl Resource for SecurityGroup {
    fn facts(&self) -> &'static Facts {
        if self.default {
            return &Facts {
                replaced_by: &["vpc_id"],
                defaults: &[("revoke_rules_on_delete", Fallback::Bool(false))],
                zeroed: &["egress", "ingress"],
                ..Facts::NONE
            };
        }
        &Facts {
            replaced_by: &["description", "name", "name_prefix", "vpc_id"],
            defaults: &[
                ("description", Fallback::Text("Managed by Terraform")),
                ("revoke_rules_on_delete", Fallback::Bool(false)),
            ],
            zeroed: &["egress", "ingress"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        if self.default {
            let vpc_id = planned.required("vpc_id");
            let filters = filters([("vpc-id", vpc_id.as_str()), ("group-name", "default")]);
            let input = ec2::DescribeSecurityGroupsRequest { filters, ..Default::default() };
            let groups = cloud.call::<ec2::DescribeSecurityGroups>(&input).await?.security_groups;
            let group = groups.unwrap_or_default().into_iter().next().unwrap_or_default();
            return group
                .group_id
                .ok_or_else(|| Failure::told(format!("{vpc_id} has no default security group")));
        }
        let input = ec2::CreateSecurityGroupRequest {
            description: planned.required("description"),
            group_name: cloud.name_of(planned),
            tag_specifications: tags::specifications("security-group", planned),
            vpc_id: planned.string("vpc_id"),
            ..Default::default()
        };
        Ok(cloud.call::<ec2::CreateSecurityGroup>(&input).await?.group_id.unwrap_or_default())
    }

    /// AWS's own rules go: what is not written down is not there.
    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        let id = planned.id();
        let Some(new) = group(cloud, &id).await? else {
            return Err(Failure::told(format!("{id} is gone")));
        };
        if self.default {
            let mut prior = Attributes::default();
            tags::set(&mut prior, cloud, tags::of_ec2(new.tags.clone()));
            tags::update_ec2(cloud, &id, &prior, planned).await?;
        }
        for direction in [Direction::Ingress, Direction::Egress] {
            let present = blocks_of(cloud, direction.permissions(&new), &id, &[]);
            change(cloud, &id, direction, &present, &planned.blocks(direction.name())).await?;
        }
        Ok(())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let Some(group) = group(cloud, &id).await? else { return Ok(None) };
        for direction in [Direction::Ingress, Direction::Egress] {
            let told = known.blocks(direction.name());
            let blocks = blocks_of(cloud, direction.permissions(&group), &id, &told);
            let blocks: Vec<serde_json::Value> = blocks.into_iter().map(Into::into).collect();
            known.set(direction.name(), blocks);
        }
        let name = group.group_name.unwrap_or_default();
        let prefix = prefix_of(&name, &known);
        known.extend(json!({
            "arn": cloud.arn("ec2", &format!("security-group/{id}")),
            "description": group.description,
            "name": name,
            "name_prefix": prefix,
            "owner_id": group.owner_id,
            "vpc_id": group.vpc_id,
        }));
        tags::set(&mut known, cloud, tags::of_ec2(group.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let id = planned.id();
        for direction in [Direction::Ingress, Direction::Egress] {
            let name = direction.name();
            if prior.differs(planned, name) {
                change(cloud, &id, direction, &prior.blocks(name), &planned.blocks(name)).await?;
            }
        }
        tags::update_ec2(cloud, &id, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        if self.default {
            return Ok(());
        }
        let id = prior.id();
        if prior.is("revoke_rules_on_delete") {
            for direction in [Direction::Ingress, Direction::Egress] {
                change(cloud, &id, direction, &prior.blocks(direction.name()), &[]).await?;
            }
        }
        let input =
            ec2::DeleteSecurityGroupRequest { group_id: Some(id.clone()), ..Default::default() };
        let busy = ["DependencyViolation", "InvalidGroup.InUse"];
        waits::delete(cloud, &format!("Security group {id}"), &MISSING, &busy, || {
            cloud.call::<ec2::DeleteSecurityGroup>(&input)
        })
        .await
    }
}

async fn group(cloud: &Cloud, id: &str) -> Result<Option<ec2::SecurityGroup>, Failure> {
    let ids = Some(vec![id.to_owned()]);
    let input = ec2::DescribeSecurityGroupsRequest { group_ids: ids, ..Default::default() };
    let described = found(cloud.call::<ec2::DescribeSecurityGroups>(&input).await, &MISSING)?;
    Ok(described.and_then(|output| output.security_groups?.into_iter().next()))
}

/// The prefix that a name was made with: the given one; of an import, what is before the digits
/// that Terraform adds.
pub fn prefix_of(name: &str, known: &Attributes) -> String {
    if let Some(prefix) = known.text("name_prefix") {
        return prefix.to_owned();
    }
    let Some(at) = name.len().checked_sub(26) else { return String::new() };
    match (name.get(..at), name.get(at..)) {
        (Some(prefix), Some(unique)) if unique.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            prefix.to_owned()
        }
        _ => String::new(),
    }
}
