//! Account settings: kept and shown back, with AWS's present defaults.

use neargate_api::model::ecs::AccountSetting;
use neargate_api::types::ecs::{
    DeleteAccountSettingRequest, DeleteAccountSettingResponse, ListAccountSettingsRequest,
    ListAccountSettingsResponse, PutAccountSettingDefaultRequest, PutAccountSettingDefaultResponse,
    PutAccountSettingRequest, PutAccountSettingResponse, Setting,
};
use neargate_api::{AwsError, Ctx};

/// Names and what holds when nobody has put anything.
const DEFAULTS: [(&str, &str); 9] = [
    ("awsvpcTrunking", "disabled"),
    ("containerInsights", "disabled"),
    ("containerInstanceLongArnFormat", "enabled"),
    ("defaultLogDriverMode", "non-blocking"),
    ("fargateTaskRetirementWaitPeriod", "7"),
    ("guardDutyActivate", "off"),
    ("serviceLongArnFormat", "enabled"),
    ("tagResourceAuthorization", "off"),
    ("taskLongArnFormat", "enabled"),
];

fn root(ctx: &Ctx) -> String {
    format!("arn:aws:iam::{}:root", ctx.account())
}

fn shown(name: &str, value: &str, principal_arn: String) -> Setting {
    Setting {
        name: Some(name.into()),
        value: Some(value.into()),
        principal_arn: Some(principal_arn),
        r#type: Some("user".into()),
    }
}

pub async fn list(
    ctx: Ctx,
    input: ListAccountSettingsRequest,
) -> Result<ListAccountSettingsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let asked = |name: &str| input.name.as_deref().is_none_or(|wanted| wanted == name);
    let mut settings = Vec::new();
    for (name, default) in DEFAULTS.into_iter().filter(|(name, _)| asked(name)) {
        match snapshot.get::<AccountSetting>(&format!("{}/{name}", ctx.region)) {
            Some(put) => settings.push(shown(name, &put.value, put.principal_arn.clone())),
            None if input.effective_settings == Some(true) => {
                settings.push(shown(name, default, root(&ctx)))
            }
            None => {}
        }
    }
    if let Some(value) = &input.value {
        settings.retain(|setting| setting.value.as_ref() == Some(value));
    }
    Ok(ListAccountSettingsResponse { settings: Some(settings), next_token: None })
}

async fn keep(
    ctx: &Ctx,
    name: String,
    value: String,
    principal: Option<String>,
) -> Result<Setting, AwsError> {
    let principal_arn = principal.unwrap_or_else(|| root(ctx));
    let setting = shown(&name, &value, principal_arn.clone());
    let record = AccountSetting { region: ctx.region.clone(), name, value, principal_arn };
    ctx.write(move |tx| {
        tx.put(record);
        Ok(())
    })
    .await?;
    Ok(setting)
}

pub async fn put(
    ctx: Ctx,
    input: PutAccountSettingRequest,
) -> Result<PutAccountSettingResponse, AwsError> {
    let setting = keep(&ctx, input.name, input.value, input.principal_arn).await?;
    Ok(PutAccountSettingResponse { setting: Some(setting) })
}

pub async fn put_default(
    ctx: Ctx,
    input: PutAccountSettingDefaultRequest,
) -> Result<PutAccountSettingDefaultResponse, AwsError> {
    let setting = keep(&ctx, input.name, input.value, None).await?;
    Ok(PutAccountSettingDefaultResponse { setting: Some(setting) })
}

pub async fn delete(
    ctx: Ctx,
    input: DeleteAccountSettingRequest,
) -> Result<DeleteAccountSettingResponse, AwsError> {
    let key = format!("{}/{}", ctx.region, input.name);
    ctx.write(move |tx| {
        tx.delete::<AccountSetting>(&key);
        Ok(())
    })
    .await?;
    let principal = input.principal_arn.unwrap_or_else(|| root(&ctx));
    let setting =
        Setting { name: Some(input.name), principal_arn: Some(principal), ..Default::default() };
    Ok(DeleteAccountSettingResponse { setting: Some(setting) })
}
