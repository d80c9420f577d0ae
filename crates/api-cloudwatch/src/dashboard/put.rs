//! PutDashboard: a dashboard, or another body for the one of this name.

use neargate_api::model::cloudwatch::Dashboard;
use neargate_api::types::cloudwatch::{
    DashboardValidationMessage, PutDashboardInput, PutDashboardOutput, error,
};
use neargate_api::{AwsError, Ctx};

use crate::dashboard::body::{self, Fault};
use crate::{dashboard, tags};

pub async fn call(ctx: Ctx, input: PutDashboardInput) -> Result<PutDashboardOutput, AwsError> {
    let name = input.dashboard_name;
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 255 || !name.chars().all(allowed) {
        return Err(error::dashboard_invalid_input_error(
            "The value for field DashboardName contains invalid characters. It can only contain \
             alphanumerics, dash (-) and underscore (_).",
        ));
    }
    let faults = body::check(&input.dashboard_body);
    if !faults.errors.is_empty() {
        return Err(refused(&faults.errors));
    }
    let tags = tags::read(input.tags)?;
    let made = Dashboard {
        arn: dashboard::arn(&ctx, &name),
        name,
        body: input.dashboard_body,
        modified_at: ctx.now,
        tags,
    };
    ctx.write(move |tx| {
        let old = tx.get::<Dashboard>(&made.name);
        let tags = old.map_or_else(|| made.tags.clone(), |old| old.tags.clone());
        tx.put(Dashboard { tags, ..made });
        Ok(())
    })
    .await?;
    let messages = faults.warnings.into_iter().map(|fault| DashboardValidationMessage {
        data_path: Some(fault.path),
        message: Some(fault.message),
    });
    Ok(PutDashboardOutput { dashboard_validation_messages: Some(messages.collect()) })
}

/// The refusal with every fault: clients show the message and nothing else.
fn refused(faults: &[Fault]) -> AwsError {
    if let [Fault { path, message }] = faults
        && path.is_empty()
    {
        return error::dashboard_invalid_input_error(message);
    }
    let told: Vec<String> = faults
        .iter()
        .map(|fault| {
            format!("{{\"dataPath\":\"{}\",\"message\":\"{}\"}}", fault.path, fault.message)
        })
        .collect();
    error::dashboard_invalid_input_error(format!(
        "The dashboard body is invalid, there are {} validation errors: [{}]",
        faults.len(),
        told.join(",")
    ))
}
