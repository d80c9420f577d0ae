//! PutTargets: adds targets to a rule, or replaces those of the same ids.
//! Kinds that nobody delivers to are refused.

use neargate_api::model::events::Rule;
use neargate_api::types::events::{PutTargetsRequest, PutTargetsResponse, Target};
use neargate_api::{Arn, AwsError, Ctx, Record, Stored};

use super::{Kind, input_of};
use crate::{bus, invalid, limit_exceeded, role, rule};

/// Targets of a rule.
const LIMIT: usize = 5;

pub async fn call(ctx: Ctx, input: PutTargetsRequest) -> Result<PutTargetsResponse, AwsError> {
    for target in &input.targets {
        check(&ctx, target)?;
    }
    let of_tx = ctx.clone();
    ctx.write(move |tx| {
        let bus = bus::name_in(&input.event_bus_name);
        let found = rule::find(&of_tx, tx.view(), bus, &input.rule)?;
        let mut targets = found.targets.clone();
        for added in input.targets {
            match targets.iter_mut().find(|target| target.id == added.id) {
                Some(target) => target.0 = added,
                None => targets.push(Stored(added)),
            }
        }
        if targets.len() > LIMIT {
            return Err(limit_exceeded());
        }
        tx.update::<Rule>(&found.key(), |rule| rule.targets = targets);
        Ok(())
    })
    .await?;
    Ok(PutTargetsResponse { failed_entries: Some(Vec::new()), failed_entry_count: Some(0) })
}

fn check(ctx: &Ctx, target: &Target) -> Result<(), AwsError> {
    let Target { id, arn, .. } = target;
    let wrong = |why: &str| invalid(format!("Parameter {arn} is not valid. Reason: {why}"));
    let parsed: Arn = arn.parse().map_err(|_| wrong("Provided Arn is not in correct format."))?;
    let kind = Kind::of(&parsed).ok_or_else(|| {
        wrong(
            "Neargate delivers events to SNS topics, CloudWatch Logs groups and ECS clusters \
             (RunTask), and to no other kind of target.",
        )
    })?;
    if parsed.region != ctx.region || parsed.account != ctx.account() {
        return Err(wrong("The target is of another region or account than the rule."));
    }
    bus::check_dead_letters(target.dead_letter_config.as_ref())?;
    check_parameters(target)?;
    check_input(target)?;
    if let Some(role_arn) = &target.role_arn {
        role::check(ctx, role_arn)?;
    }
    match (kind, &target.ecs_parameters) {
        (Kind::Cluster { .. }, None) => {
            Err(invalid(format!("Parameter(s) EcsParameters must be specified for target: {id}.")))
        }
        (Kind::Cluster { .. }, Some(_)) if target.role_arn.is_none() => {
            Err(invalid(format!("RoleArn is required for target {arn}.")))
        }
        (Kind::Cluster { .. }, _) | (_, None) => Ok(()),
        (_, Some(_)) => Err(wrong("EcsParameters are for ECS clusters.")),
    }
}

/// Parameters of kinds of targets that are not here.
fn check_parameters(target: &Target) -> Result<(), AwsError> {
    let others = [
        ("AppSyncParameters", target.app_sync_parameters.is_some()),
        ("BatchParameters", target.batch_parameters.is_some()),
        ("HttpParameters", target.http_parameters.is_some()),
        ("KinesisParameters", target.kinesis_parameters.is_some()),
        ("RedshiftDataParameters", target.redshift_data_parameters.is_some()),
        ("RunCommandParameters", target.run_command_parameters.is_some()),
        ("SageMakerPipelineParameters", target.sage_maker_pipeline_parameters.is_some()),
        ("SqsParameters", target.sqs_parameters.is_some()),
    ];
    match others.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => Err(invalid(format!(
            "Parameter {name} is not valid for target {}. Reason: it is for another kind of target.",
            target.id
        ))),
    }
}

fn check_input(target: &Target) -> Result<(), AwsError> {
    let id = &target.id;
    let given =
        [target.input.is_some(), target.input_path.is_some(), target.input_transformer.is_some()];
    if given.into_iter().filter(|given| *given).count() > 1 {
        return Err(invalid(format!(
            "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
        )));
    }
    let kind = match given {
        [true, ..] => "JSON syntax in Input",
        [_, true, _] => "InputPath",
        _ => "InputTemplate",
    };
    match input_of(target) {
        Ok(_) => Ok(()),
        Err(why) => Err(invalid(format!("Invalid {kind} for target {id} : {why}."))),
    }
}
