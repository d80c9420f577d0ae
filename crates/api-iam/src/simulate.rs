//! SimulatePrincipalPolicy and SimulateCustomPolicy: the same decision that requests
//! meet, on wishes.

use std::collections::BTreeMap;

use neargate_api::model::iam::Role;
use neargate_api::types::iam::{
    ContextEntry, EvaluationResult, PermissionsBoundaryDecisionDetail, Position,
    SimulateCustomPolicyRequest, SimulatePolicyResponse, SimulatePrincipalPolicyRequest, Statement,
    error,
};
use neargate_api::{AwsError, Ctx};
use neargate_authz::{Decision, Kind, Layer, Match, Policy, Principal, Request, Verdict, decide};

use crate::identity::{Gathered, account_of, session_arn};
use crate::{document, pages};

/// What is asked of a simulation.
struct Wish {
    actions: Vec<String>,
    resources: Vec<String>,
    context: BTreeMap<String, Vec<String>>,
    principal: Principal,
    marker: Option<String>,
    max_items: Option<i32>,
}

pub async fn principal(
    ctx: Ctx,
    input: SimulatePrincipalPolicyRequest,
) -> Result<SimulatePolicyResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let source = &input.policy_source_arn;
    let role = snapshot.all::<Role>().find(|role| role.arn == *source).ok_or_else(|| {
        error::no_such_entity_exception(format!("Role {source} cannot be found."))
    })?;
    let mut gathered = Gathered::of_role(&snapshot, &role);
    let excluded: Vec<&str> = input
        .policy_exclusion_list
        .iter()
        .flatten()
        .filter_map(|one| match &one.inline_policy_identifier {
            Some(inline) => Some(inline.policy_name.as_str()),
            None => one.policy_arn.as_deref(),
        })
        .collect();
    gathered.identity.retain(|(name, _)| !excluded.contains(&name.as_str()));
    gathered.identity.extend(inputs(input.policy_input_list.unwrap_or_default())?);
    limit(&mut gathered, input.permissions_boundary_policy_input_list, input.resource_policy)?;
    let mut context = entries(input.context_entries);
    for (key, value) in &role.tags {
        let key = format!("aws:principaltag/{}", key.to_ascii_lowercase());
        context.entry(key).or_insert_with(|| vec![value.clone()]);
    }
    context.entry("aws:principalarn".into()).or_insert_with(|| vec![role.arn.clone()]);
    let wish = Wish {
        actions: input.action_names,
        resources: input.resource_arns.unwrap_or_default(),
        context,
        principal: Principal::Session {
            account: account_of(&role.arn).to_owned(),
            role_arn: role.arn.clone(),
            session_arn: session_arn(&role, "simulation"),
        },
        marker: input.marker,
        max_items: input.max_items,
    };
    simulate(&gathered, wish)
}

pub async fn custom(
    ctx: Ctx,
    input: SimulateCustomPolicyRequest,
) -> Result<SimulatePolicyResponse, AwsError> {
    if input.ordered_organization_policy_input_list.is_some_and(|list| !list.is_empty()) {
        return Err(error::invalid_input_exception(
            "Neargate simulates no policies of organizations: leave \
             OrderedOrganizationPolicyInputList out.",
        ));
    }
    let mut gathered =
        Gathered { identity: inputs(input.policy_input_list)?, ..Gathered::default() };
    limit(&mut gathered, input.permissions_boundary_policy_input_list, input.resource_policy)?;
    let account = ctx.account().to_owned();
    let wish = Wish {
        actions: input.action_names,
        resources: input.resource_arns.unwrap_or_default(),
        context: entries(input.context_entries),
        principal: match input.caller_arn {
            Some(arn) => Principal::Session { account, role_arn: arn.clone(), session_arn: arn },
            None => Principal::Root { account },
        },
        marker: input.marker,
        max_items: input.max_items,
    };
    simulate(&gathered, wish)
}

/// Documents given with the request are called by their place, as AWS calls them.
fn inputs(texts: Vec<String>) -> Result<Vec<(String, Policy)>, AwsError> {
    let named = |(text, place): (&String, usize)| {
        Ok((format!("PolicyInputList.{place}"), document_of(text, Kind::Identity)?))
    };
    texts.iter().zip(1..).map(named).collect()
}

fn document_of(text: &str, kind: Kind) -> Result<Policy, AwsError> {
    Policy::parse(text, kind)
        .map_err(|why| error::invalid_input_exception(document::malformed(&why).message))
}

fn limit(
    gathered: &mut Gathered,
    boundaries: Option<Vec<String>>,
    resource: Option<String>,
) -> Result<(), AwsError> {
    if let Some(text) = boundaries.unwrap_or_default().first() {
        let policy = document_of(text, Kind::Identity)?;
        gathered.boundary = Some(("PermissionsBoundaryPolicyInputList.1".into(), policy));
    }
    if let Some(text) = resource {
        gathered.resource = Some(document_of(&text, Kind::Resource)?);
    }
    Ok(())
}

fn entries(entries: Option<Vec<ContextEntry>>) -> BTreeMap<String, Vec<String>> {
    let mut context = BTreeMap::new();
    for entry in entries.unwrap_or_default() {
        if let (Some(key), Some(values)) = (entry.context_key_name, entry.context_key_values) {
            context.insert(key.to_ascii_lowercase(), values);
        }
    }
    context
}

fn simulate(gathered: &Gathered, wish: Wish) -> Result<SimulatePolicyResponse, AwsError> {
    let resources = match wish.resources.is_empty() {
        true => vec!["*".to_owned()],
        false => wish.resources,
    };
    let policies = gathered.policies();
    let mut results = Vec::new();
    for action in &wish.actions {
        for resource in &resources {
            let request = Request {
                principal: wish.principal.clone(),
                action: action.clone(),
                resource: resource.clone(),
                context: wish.context.clone(),
            };
            results.push((results.len(), shown(&request, decide(&policies, &request))));
        }
    }
    let key = |(place, _): &(usize, EvaluationResult)| format!("{place:08}");
    let page = pages::of(results, key, wish.marker.as_deref(), wish.max_items)?;
    Ok(SimulatePolicyResponse {
        evaluation_results: Some(page.items.into_iter().map(|(_, result)| result).collect()),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

fn shown(request: &Request, decision: Decision) -> EvaluationResult {
    let word = match decision.verdict {
        Verdict::Allowed => "allowed",
        Verdict::ExplicitDeny(_) => "explicitDeny",
        Verdict::ImplicitDeny(_) => "implicitDeny",
    };
    EvaluationResult {
        eval_action_name: request.action.clone(),
        eval_decision: word.into(),
        eval_resource_name: Some(request.resource.clone()),
        matched_statements: Some(decision.matched.into_iter().map(statement).collect()),
        missing_context_values: Some(decision.missing_keys),
        permissions_boundary_decision_detail: decision.boundary_allows.map(|allows| {
            PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary: Some(allows) }
        }),
        ..EvaluationResult::default()
    }
}

fn statement(found: Match) -> Statement {
    let number = |n: u32| i32::try_from(n).ok();
    let place = |p: neargate_authz::Position| {
        Some(Position { line: number(p.line), column: number(p.column) })
    };
    let kind = match found.layer {
        Layer::Resource => "Resource Policy",
        _ => "IAM Policy",
    };
    Statement {
        source_policy_id: Some(found.policy),
        source_policy_type: Some(kind.into()),
        start_position: place(found.start),
        end_position: place(found.end),
    }
}
