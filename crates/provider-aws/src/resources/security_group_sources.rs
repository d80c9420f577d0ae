//! `aws_security_group_rule`: a rule in its older form, with several sources, each of which
//! is a rule of EC2's.

use async_trait::async_trait;
use neargate_api_types::ec2;
use neargate_aws_client::pages;
use neargate_hcl::Value;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::filters;

pub struct SecurityGroupSources;

const MISSING: [&str; 3] =
    ["InvalidGroup.NotFound", "InvalidPermission.NotFound", "InvalidSecurityGroupRuleId.NotFound"];

#[async_trait]
impl Resource for SecurityGroupSources {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "cidr_blocks",
                "from_port",
                "ipv6_cidr_blocks",
                "prefix_list_ids",
                "protocol",
                "security_group_id",
                "self",
                "source_security_group_id",
                "to_port",
                "type",
            ],
            defaults: &[("self", Fallback::Bool(false))],
            alike: &[
                ("from_port", has_no_ports),
                ("protocol", same_protocol),
                ("to_port", has_no_ports),
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let group_id = planned.required("security_group_id");
        let ip_permissions = Some(vec![permission(planned)]);
        if is_egress(planned) {
            let input = ec2::AuthorizeSecurityGroupEgressRequest {
                group_id,
                ip_permissions,
                ..Default::default()
            };
            cloud.call::<ec2::AuthorizeSecurityGroupEgress>(&input).await?;
        } else {
            let input = ec2::AuthorizeSecurityGroupIngressRequest {
                group_id: Some(group_id),
                ip_permissions,
                ..Default::default()
            };
            cloud.call::<ec2::AuthorizeSecurityGroupIngress>(&input).await?;
        }
        Ok(id(planned))
    }

    /// There as long as each of its sources is.
    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let rules = rules(cloud, &known).await?;
        if rules.is_empty() || rules.len() < sources(&known).len() {
            return Ok(None);
        }
        let one = (rules.len() == 1).then(|| rules[0].security_group_rule_id.clone()).flatten();
        let description = rules.into_iter().find_map(|rule| rule.description);
        known.extend(json!({
            "description": description.unwrap_or_default(),
            "security_group_rule_id": one.unwrap_or_default(),
            "self": known.is("self"),
        }));
        Ok(Some(known))
    }

    /// Of its description, all else is another rule.
    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let group_id = Some(planned.required("security_group_id"));
        let ip_permissions = Some(vec![permission(planned)]);
        if is_egress(planned) {
            let input = ec2::UpdateSecurityGroupRuleDescriptionsEgressRequest {
                group_id,
                ip_permissions,
                ..Default::default()
            };
            cloud.call::<ec2::UpdateSecurityGroupRuleDescriptionsEgress>(&input).await?;
        } else {
            let input = ec2::UpdateSecurityGroupRuleDescriptionsIngressRequest {
                group_id,
                ip_permissions,
                ..Default::default()
            };
            cloud.call::<ec2::UpdateSecurityGroupRuleDescriptionsIngress>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let rules = rules(cloud, prior).await?.into_iter();
        let ids: Vec<String> = rules.filter_map(|rule| rule.security_group_rule_id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let group_id = prior.required("security_group_id");
        if is_egress(prior) {
            let input = ec2::RevokeSecurityGroupEgressRequest {
                group_id,
                security_group_rule_ids: Some(ids),
                ..Default::default()
            };
            found(cloud.call::<ec2::RevokeSecurityGroupEgress>(&input).await, &MISSING)?;
        } else {
            let input = ec2::RevokeSecurityGroupIngressRequest {
                group_id: Some(group_id),
                security_group_rule_ids: Some(ids),
                ..Default::default()
            };
            found(cloud.call::<ec2::RevokeSecurityGroupIngress>(&input).await, &MISSING)?;
        }
        Ok(())
    }

    /// `GROUP_TYPE_PROTOCOL_FROM_TO_SOURCE[_SOURCE…]`.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let parts: Vec<&str> = id.split('_').collect();
        let [group, kind, protocol, from, to, sources @ ..] = parts.as_slice() else {
            let form = "GROUP_TYPE_PROTOCOL_FROM_TO_SOURCE";
            return Err(Failure::told(format!("{id} is not of the form {form}")));
        };
        let port = |text: &str| match text {
            "all" => Ok(0),
            _ => text.parse::<i32>().map_err(|_| Failure::told(format!("{text} is not a port"))),
        };
        let texts = |is: fn(&str) -> bool| {
            Some(sources.iter().filter(|source| is(source)).collect::<Vec<_>>())
                .filter(|found| !found.is_empty())
        };
        let mut attributes = Attributes::from(json!({
            "cidr_blocks": texts(|source| source.contains('.')),
            "from_port": port(from)?,
            "ipv6_cidr_blocks": texts(|source| source.contains(':')),
            "prefix_list_ids": texts(|source| source.starts_with("pl-")),
            "protocol": if *protocol == "all" { "-1" } else { protocol },
            "security_group_id": group,
            "self": sources.contains(&"self"),
            "source_security_group_id": sources.iter().find(|source| source.starts_with("sg-")),
            "to_port": port(to)?,
            "type": kind,
        }));
        let id = self::id(&attributes);
        attributes.set("id", id);
        Ok(attributes)
    }
}

fn is_egress(attributes: &Attributes) -> bool {
    attributes.text("type") == Some("egress")
}

/// What stands for a rule that EC2 has no id for: made of all that it says.
pub fn id(attributes: &Attributes) -> String {
    let ports = format!("{:?}-{:?}", attributes.number("from_port"), attributes.number("to_port"));
    let said = format!(
        "{}-{}-{}-{ports}-{:?}",
        attributes.required("security_group_id"),
        attributes.required("type"),
        attributes.required("protocol"),
        sources(attributes)
    );
    format!("sgrule-{}", crc32fast::hash(said.as_bytes()))
}

/// Where it is from, or to: ranges, lists of prefixes, and groups.
fn sources(attributes: &Attributes) -> Vec<String> {
    let mut sources = attributes.texts("cidr_blocks");
    sources.extend(attributes.texts("ipv6_cidr_blocks"));
    sources.extend(attributes.texts("prefix_list_ids"));
    sources.extend(attributes.string("source_security_group_id"));
    if attributes.is("self") {
        sources.push(attributes.required("security_group_id"));
    }
    sources.sort();
    sources.dedup();
    sources
}

fn permission(planned: &Attributes) -> ec2::IpPermission {
    let description = planned.string("description");
    let ranges = planned.some_texts("cidr_blocks").map(|cidrs| {
        let range = |cidr| ec2::IpRange { cidr_ip: Some(cidr), description: description.clone() };
        cidrs.into_iter().map(range).collect()
    });
    let ipv6 = planned.some_texts("ipv6_cidr_blocks").map(|cidrs| {
        let range =
            |cidr| ec2::Ipv6Range { cidr_ipv6: Some(cidr), description: description.clone() };
        cidrs.into_iter().map(range).collect()
    });
    let lists = planned.some_texts("prefix_list_ids").map(|ids| {
        let list =
            |id| ec2::PrefixListId { prefix_list_id: Some(id), description: description.clone() };
        ids.into_iter().map(list).collect()
    });
    let own = planned.is("self").then(|| planned.required("security_group_id"));
    let groups = planned.string("source_security_group_id").into_iter().chain(own);
    let groups: Vec<ec2::UserIdGroupPair> = groups
        .map(|group| {
            let (user_id, group_id) = match group.split_once('/') {
                Some((user, id)) => (Some(user.to_owned()), id.to_owned()),
                None => (None, group),
            };
            let (group_id, description) = (Some(group_id), description.clone());
            ec2::UserIdGroupPair { description, group_id, user_id, ..Default::default() }
        })
        .collect();
    let has_ports = protocol_of(planned.text("protocol").unwrap_or_default()) != "-1";
    ec2::IpPermission {
        from_port: planned.number("from_port").filter(|_| has_ports),
        ip_protocol: planned.string("protocol"),
        ip_ranges: ranges,
        ipv6_ranges: ipv6,
        prefix_list_ids: lists,
        to_port: planned.number("to_port").filter(|_| has_ports),
        user_id_group_pairs: Some(groups).filter(|groups| !groups.is_empty()),
    }
}

fn same_protocol(before: &Value, planned: &Value) -> bool {
    let of = |rule: &Value| rule.get("protocol").and_then(Value::as_str).map(protocol_of);
    of(before).is_some() && of(before) == of(planned)
}

/// Of all protocols, all ports, whatever is written.
fn has_no_ports(before: &Value, planned: &Value) -> bool {
    let is_all =
        planned.get("protocol").and_then(Value::as_str).map(protocol_of).as_deref() == Some("-1");
    is_all && same_protocol(before, planned)
}

/// EC2's name of a protocol: `all` and `6` have others.
fn protocol_of(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "all" => "-1".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        other => other.to_owned(),
    }
}

/// EC2's rules that it is.
async fn rules(
    cloud: &Cloud,
    attributes: &Attributes,
) -> Result<Vec<ec2::SecurityGroupRule>, Failure> {
    let group = attributes.required("security_group_id");
    let rules = pages(|next_token| {
        let filters = filters([("group-id", group.as_str())]);
        let input =
            ec2::DescribeSecurityGroupRulesRequest { filters, next_token, ..Default::default() };
        async move {
            let page = cloud.call::<ec2::DescribeSecurityGroupRules>(&input).await?;
            Ok((page.security_group_rules.unwrap_or_default(), page.next_token))
        }
    });
    let mut rules = found(rules.await, &MISSING)?.unwrap_or_default();
    let sources = sources(attributes);
    let protocol = protocol_of(attributes.text("protocol").unwrap_or_default());
    let same_port = |found: Option<i32>, name: &str| {
        protocol == "-1" || found.unwrap_or(-1) == attributes.number(name).unwrap_or(-1)
    };
    rules.retain(|rule| {
        rule.is_egress == Some(is_egress(attributes))
            && protocol_of(rule.ip_protocol.as_deref().unwrap_or_default()) == protocol
            && same_port(rule.from_port, "from_port")
            && same_port(rule.to_port, "to_port")
            && source_of(cloud, rule).is_some_and(|source| sources.contains(&source))
    });
    Ok(rules)
}

fn source_of(cloud: &Cloud, rule: &ec2::SecurityGroupRule) -> Option<String> {
    let group = rule.referenced_group_info.as_ref().and_then(|info| {
        let id = info.group_id.clone()?;
        let other = info.user_id.as_ref().filter(|user| **user != cloud.account);
        Some(other.map_or(id.clone(), |user| format!("{user}/{id}")))
    });
    rule.cidr_ipv4
        .clone()
        .or_else(|| rule.cidr_ipv6.clone())
        .or_else(|| rule.prefix_list_id.clone())
        .or(group)
}
