//! When a rule holds: each block is one condition.

use neargate_api_types::elbv2;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;

/// The conditions that the blocks describe.
pub fn of(planned: &Attributes) -> Vec<elbv2::RuleCondition> {
    planned.blocks("condition").iter().flat_map(conditions).collect()
}

fn conditions(block: &Attributes) -> Vec<elbv2::RuleCondition> {
    let mut all = Vec::new();
    let field =
        |name: &str| elbv2::RuleCondition { field: Some(name.to_owned()), ..Default::default() };
    let values = |name: &str| block.block(name).map(|block| Some(block.texts("values")));
    if let Some(values) = values("host_header") {
        let config = Some(elbv2::HostHeaderConditionConfig { values, ..Default::default() });
        all.push(elbv2::RuleCondition { host_header_config: config, ..field("host-header") });
    }
    if let Some(header) = block.block("http_header") {
        let config = Some(elbv2::HttpHeaderConditionConfig {
            http_header_name: header.string("http_header_name"),
            values: Some(header.texts("values")),
            ..Default::default()
        });
        all.push(elbv2::RuleCondition { http_header_config: config, ..field("http-header") });
    }
    if let Some(values) = values("http_request_method") {
        let http_request_method_config = Some(elbv2::HttpRequestMethodConditionConfig { values });
        all.push(elbv2::RuleCondition {
            http_request_method_config,
            ..field("http-request-method")
        });
    }
    if let Some(values) = values("path_pattern") {
        let config = Some(elbv2::PathPatternConditionConfig { values, ..Default::default() });
        all.push(elbv2::RuleCondition { path_pattern_config: config, ..field("path-pattern") });
    }
    let pair = |block: Attributes| elbv2::QueryStringKeyValuePair {
        key: block.string("key"),
        value: block.string("value"),
    };
    let pairs: Vec<_> = block.blocks("query_string").into_iter().map(pair).collect();
    if !pairs.is_empty() {
        let config = Some(elbv2::QueryStringConditionConfig { values: Some(pairs) });
        all.push(elbv2::RuleCondition { query_string_config: config, ..field("query-string") });
    }
    if let Some(values) = values("source_ip") {
        let config = Some(elbv2::SourceIpConditionConfig { values, ..Default::default() });
        all.push(elbv2::RuleCondition { source_ip_config: config, ..field("source-ip") });
    }
    all
}

/// Conditions as blocks.
pub fn blocks(conditions: Option<Vec<elbv2::RuleCondition>>) -> Vec<Json> {
    conditions.unwrap_or_default().into_iter().map(block).collect()
}

fn block(condition: elbv2::RuleCondition) -> Json {
    let mut block = json!({
        "host_header": [],
        "http_header": [],
        "http_request_method": [],
        "path_pattern": [],
        "query_string": [],
        "source_ip": [],
    });
    let values = |values: Option<Vec<String>>| json!([{ "values": values.unwrap_or_default() }]);
    match condition.field.as_deref() {
        Some("host-header") => {
            let config = condition.host_header_config.unwrap_or_default();
            block["host_header"] = values(config.values);
        }
        Some("http-header") => {
            let config = condition.http_header_config.unwrap_or_default();
            block["http_header"] = json!([{
                "http_header_name": config.http_header_name,
                "values": config.values.unwrap_or_default(),
            }]);
        }
        Some("http-request-method") => {
            let config = condition.http_request_method_config.unwrap_or_default();
            block["http_request_method"] = values(config.values);
        }
        Some("path-pattern") => {
            let config = condition.path_pattern_config.unwrap_or_default();
            block["path_pattern"] = values(config.values);
        }
        Some("query-string") => {
            let pairs = condition.query_string_config.and_then(|config| config.values);
            let pair = |pair: elbv2::QueryStringKeyValuePair| json!({ "key": pair.key.unwrap_or_default(), "value": pair.value });
            block["query_string"] =
                pairs.unwrap_or_default().into_iter().map(pair).collect::<Vec<Json>>().into();
        }
        Some("source-ip") => {
            let config = condition.source_ip_config.unwrap_or_default();
            block["source_ip"] = values(config.values);
        }
        _ => {}
    }
    block
}
