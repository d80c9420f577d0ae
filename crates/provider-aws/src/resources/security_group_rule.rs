//! `aws_vpc_security_group_ingress_rule` and `…_egress_rule`: one rule of a group.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::tags;

pub struct SecurityGroupRule {
    pub egress: bool,
}

const MISSING: [&str; 3] = [
    "InvalidSecurityGroupRuleId.NotFound",
    "InvalidSecurityGroupRuleId.Malformed",
    "InvalidGroup.NotFound",
];

/// What of a rule can be changed.
const CHANGED: [&str; 8] = [
    "cidr_ipv4",
    "cidr_ipv6",
    "description",
    "from_port",
    "ip_protocol",
    "prefix_list_id",
    "referenced_security_group_id",
    "to_port",
];

#[async_trait]
impl Resource for SecurityGroupRule {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["security_group_id"], exact: true, ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let (group_id, permissions) =
            (planned.required("security_group_id"), Some(vec![permission(planned)]));
        let tag_specifications = tags::specifications("security-group-rule", planned);
        let rules = if self.egress {
            let input = ec2::AuthorizeSecurityGroupEgressRequest {
                group_id,
                ip_permissions: permissions,
                tag_specifications,
                ..Default::default()
            };
            cloud.call::<ec2::AuthorizeSecurityGroupEgress>(&input).await?.security_group_rules
        } else {
            let input = ec2::AuthorizeSecurityGroupIngressRequest {
                group_id: Some(group_id),
                ip_permissions: permissions,
                tag_specifications,
                ..Default::default()
            };
            cloud.call::<ec2::AuthorizeSecurityGroupIngress>(&input).await?.security_group_rules
        };
        let rule = rules.unwrap_or_default().into_iter().next().unwrap_or_default();
        Ok(rule.security_group_rule_id.unwrap_or_default())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let ids = Some(vec![id.clone()]);
        let input = ec2::DescribeSecurityGroupRulesRequest {
            security_group_rule_ids: ids,
            ..Default::default()
        };
        let described =
            found(cloud.call::<ec2::DescribeSecurityGroupRules>(&input).await, &MISSING)?;
        let rule = described.and_then(|output| output.security_group_rules?.into_iter().next());
        let Some(rule) = rule.filter(|rule| rule.is_egress == Some(self.egress)) else {
            return Ok(None);
        };
        // The configuration's form of the same protocol stays.
        let protocol = rule.ip_protocol.unwrap_or_default();
        let given = known.text("ip_protocol").filter(|given| same_protocol(given, &protocol));
        let protocol_shown = given.unwrap_or(&protocol).to_owned();
        let port = |port: Option<i32>| port.filter(|port| !(protocol == "-1" && *port == -1));
        let referenced = rule.referenced_group_info.and_then(|info| {
            let other = info.user_id.filter(|user| *user != cloud.account);
            let id = info.group_id?;
            Some(other.map_or(id.clone(), |user| format!("{user}/{id}")))
        });
        known.extend(json!({
            "arn": rule.security_group_rule_arn
                .unwrap_or_else(|| cloud.arn("ec2", &format!("security-group-rule/{id}"))),
            "cidr_ipv4": rule.cidr_ipv4,
            "cidr_ipv6": rule.cidr_ipv6,
            "description": rule.description.filter(|text| !text.is_empty()),
            "from_port": port(rule.from_port),
            "ip_protocol": protocol_shown,
            "prefix_list_id": rule.prefix_list_id,
            "referenced_security_group_id": referenced,
            "security_group_id": rule.group_id,
            "security_group_rule_id": id,
            "to_port": port(rule.to_port),
        }));
        tags::set(&mut known, cloud, tags::of_ec2(rule.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let id = planned.id();
        if prior.any_differs(planned, &CHANGED) {
            let all = planned.text("ip_protocol") == Some("-1");
            let port = |name| planned.number(name).or(all.then_some(-1));
            let rule = ec2::SecurityGroupRuleRequest {
                cidr_ipv4: planned.string("cidr_ipv4"),
                cidr_ipv6: planned.string("cidr_ipv6"),
                description: planned.string("description"),
                from_port: port("from_port"),
                ip_protocol: planned.string("ip_protocol"),
                prefix_list_id: planned.string("prefix_list_id"),
                referenced_group_id: planned.string("referenced_security_group_id"),
                to_port: port("to_port"),
            };
            let update = ec2::SecurityGroupRuleUpdate {
                security_group_rule: Some(rule),
                security_group_rule_id: id.clone(),
            };
            let input = ec2::ModifySecurityGroupRulesRequest {
                group_id: planned.required("security_group_id"),
                security_group_rules: vec![update],
                ..Default::default()
            };
            cloud.call::<ec2::ModifySecurityGroupRules>(&input).await?;
        }
        tags::update_ec2(cloud, &id, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let (ids, group_id) = (Some(vec![prior.id()]), prior.required("security_group_id"));
        if self.egress {
            let input = ec2::RevokeSecurityGroupEgressRequest {
                group_id,
                security_group_rule_ids: ids,
                ..Default::default()
            };
            found(cloud.call::<ec2::RevokeSecurityGroupEgress>(&input).await, &MISSING)?;
        } else {
            let input = ec2::RevokeSecurityGroupIngressRequest {
                group_id: Some(group_id),
                security_group_rule_ids: ids,
                ..Default::default()
            };
            found(cloud.call::<ec2::RevokeSecurityGroupIngress>(&input).await, &MISSING)?;
        }
        Ok(())
    }
}

/// Whether two names are of the same protocol: `6` is `tcp`.
fn same_protocol(a: &str, b: &str) -> bool {
    let number = |name: &str| match name.to_ascii_lowercase().as_str() {
        "all" => "-1".to_owned(),
        "tcp" => "6".to_owned(),
        "udp" => "17".to_owned(),
        "icmp" => "1".to_owned(),
        "icmpv6" => "58".to_owned(),
        other => other.to_owned(),
    };
    number(a) == number(b)
}

fn permission(planned: &Attributes) -> ec2::IpPermission {
    let description = planned.string("description");
    let ip_ranges = planned
        .string("cidr_ipv4")
        .map(|cidr| vec![ec2::IpRange { cidr_ip: Some(cidr), description: description.clone() }]);
    let ipv6_ranges = planned.string("cidr_ipv6").map(|cidr| {
        vec![ec2::Ipv6Range { cidr_ipv6: Some(cidr), description: description.clone() }]
    });
    let prefix_list_ids = planned.string("prefix_list_id").map(|id| {
        vec![ec2::PrefixListId { prefix_list_id: Some(id), description: description.clone() }]
    });
    let user_id_group_pairs = planned.string("referenced_security_group_id").map(|id| {
        let (user_id, group_id) = match id.split_once('/') {
            Some((user, group)) => (Some(user.to_owned()), group.to_owned()),
            None => (None, id),
        };
        let (group_id, description) = (Some(group_id), description.clone());
        vec![ec2::UserIdGroupPair { description, group_id, user_id, ..Default::default() }]
    });
    ec2::IpPermission {
        from_port: planned.number("from_port"),
        ip_protocol: planned.string("ip_protocol"),
        ip_ranges,
        ipv6_ranges,
        prefix_list_ids,
        to_port: planned.number("to_port"),
        user_id_group_pairs,
    }
}
