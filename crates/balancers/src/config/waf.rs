//! What guards a load balancer, made of the web ACL that is associated with it.
//! Rules that nothing here can judge are left out; `api-wafv2` tells them.

use std::sync::Arc;

use neargate_api::Snapshot;
use neargate_api::model::wafv2::{IpSet, web_acl_of};
use neargate_api::types::wafv2 as types;
use neargate_api_wafv2::why_inert;
use neargate_lb::config::{Cidr, FixedResponse};
use neargate_lb::waf::{
    Action, Change, Comparison, Field, Part, Pattern, Place, Response, Rule, Statement, WebAcl,
};

/// The web ACL of a load balancer.
pub fn web_acl(snapshot: &Snapshot, balancer_arn: &str) -> Option<Arc<WebAcl>> {
    let record = web_acl_of(snapshot, balancer_arn)?;
    let acl: &types::WebACL = &record.acl;
    let mut given: Vec<&types::Rule> = acl.rules.iter().flatten().collect();
    given.sort_by_key(|rule| rule.priority);
    let rules = given.into_iter().filter(|rule| why_inert(rule).is_none());
    let default_action = match &acl.default_action.block {
        Some(action) => block(acl, action),
        None => Action::Allow,
    };
    let rules = rules.filter_map(|one| rule(snapshot, acl, one)).collect();
    Some(Arc::new(WebAcl { rules, default_action }))
}

fn rule(snapshot: &Snapshot, acl: &types::WebACL, rule: &types::Rule) -> Option<Rule> {
    let action = match rule.action.as_ref()? {
        types::RuleAction { block: Some(action), .. } => block(acl, action),
        types::RuleAction { allow: Some(_), .. } => Action::Allow,
        _ => Action::Count,
    };
    Some(Rule { statement: statement(snapshot, &rule.statement)?, action })
}

fn block(acl: &types::WebACL, action: &types::BlockAction) -> Action {
    let Some(own) = &action.custom_response else { return Action::Block(None) };
    let key = own.custom_response_body_key.as_ref();
    let body = key.and_then(|key| acl.custom_response_bodies.as_ref()?.get(key));
    let content_type = body.map(|body| match body.content_type.as_str() {
        "APPLICATION_JSON" => "application/json",
        "TEXT_HTML" => "text/html",
        _ => "text/plain",
    });
    let headers = own.response_headers.iter().flatten();
    Action::Block(Some(Response {
        fixed: FixedResponse {
            status: u16::try_from(own.response_code).unwrap_or(403),
            content_type: content_type.map(str::to_owned),
            body: body.map(|body| body.content.clone()),
        },
        headers: headers.map(|header| (header.name.clone(), header.value.clone())).collect(),
    }))
}

/// `None` for what nothing here can judge, or whose parts cannot be read.
fn statement(snapshot: &Snapshot, of: &types::Statement) -> Option<Statement> {
    let all = |list: &[types::Statement]| -> Option<Vec<Statement>> {
        list.iter().map(|one| statement(snapshot, one)).collect()
    };
    if let Some(and) = &of.and_statement {
        return all(&and.statements).map(Statement::And);
    }
    if let Some(or) = &of.or_statement {
        return all(&or.statements).map(Statement::Or);
    }
    if let Some(not) = &of.not_statement {
        return Some(Statement::Not(Box::new(statement(snapshot, &not.statement)?)));
    }
    if let Some(set) = &of.ip_set_reference_statement {
        let set = snapshot.get::<IpSet>(&set.arn)?;
        let blocks = set.addresses.iter().filter_map(|text| text.parse::<Cidr>().ok());
        return Some(Statement::Source(blocks.collect()));
    }
    if let Some(bytes) = &of.byte_match_statement {
        return Some(Statement::Bytes {
            part: part(&bytes.field_to_match, &bytes.text_transformations)?,
            position: place(&bytes.positional_constraint)?,
            search: bytes.search_string.0.clone(),
        });
    }
    if let Some(size) = &of.size_constraint_statement {
        return Some(Statement::Size {
            part: part(&size.field_to_match, &size.text_transformations)?,
            is: comparison(&size.comparison_operator)?,
            size: usize::try_from(size.size).ok()?,
        });
    }
    let regex = of.regex_match_statement.as_ref()?;
    Some(Statement::Matches {
        part: part(&regex.field_to_match, &regex.text_transformations)?,
        pattern: Pattern::new(&regex.regex_string)?,
    })
}

fn part(field: &types::FieldToMatch, changes: &[types::TextTransformation]) -> Option<Part> {
    let mut changes: Vec<&types::TextTransformation> = changes.iter().collect();
    changes.sort_by_key(|one| one.priority);
    let changes = changes.into_iter().filter_map(|one| match one.r#type.as_str() {
        "LOWERCASE" => Some(Change::LowerCase),
        "URL_DECODE" => Some(Change::UrlDecode),
        "COMPRESS_WHITE_SPACE" => Some(Change::CompressWhiteSpace),
        _ => None,
    });
    Some(Part { changes: changes.collect(), field: self::field(field)? })
}

fn field(of: &types::FieldToMatch) -> Option<Field> {
    match of {
        types::FieldToMatch { method: Some(_), .. } => Some(Field::Method),
        types::FieldToMatch { uri_path: Some(_), .. } => Some(Field::Path),
        types::FieldToMatch { query_string: Some(_), .. } => Some(Field::Query),
        types::FieldToMatch { all_query_arguments: Some(_), .. } => Some(Field::Arguments),
        types::FieldToMatch { single_header: Some(header), .. } => {
            Some(Field::Header(header.name.clone()))
        }
        types::FieldToMatch { single_query_argument: Some(argument), .. } => {
            Some(Field::Argument(argument.name.clone()))
        }
        _ => None,
    }
}

fn place(of: &str) -> Option<Place> {
    Some(match of {
        "EXACTLY" => Place::Exactly,
        "STARTS_WITH" => Place::Start,
        "ENDS_WITH" => Place::End,
        "CONTAINS" => Place::Anywhere,
        "CONTAINS_WORD" => Place::Word,
        _ => return None,
    })
}

fn comparison(of: &str) -> Option<Comparison> {
    Some(match of {
        "EQ" => Comparison::Equal,
        "NE" => Comparison::NotEqual,
        "LE" => Comparison::AtMost,
        "LT" => Comparison::Below,
        "GE" => Comparison::AtLeast,
        "GT" => Comparison::Above,
        _ => return None,
    })
}
