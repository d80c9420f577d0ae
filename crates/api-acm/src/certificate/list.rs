//! ListCertificates: by status and by what they are for. Like ACM, it shows only those with
//! a key of RSA 1024 or 2048 unless key types are asked for.

use std::sync::Arc;

use neargate_api::model::acm::{self as model, Certificate};
use neargate_api::types::acm::{
    CertificateSummary, Filters, ListCertificatesRequest, ListCertificatesResponse, error,
};
use neargate_api::{AwsError, Ctx, page};

const PAGE: usize = 1000;
const DEFAULT_KEY_TYPES: [&str; 2] = ["RSA_1024", "RSA_2048"];

pub async fn call(
    ctx: Ctx,
    input: ListCertificatesRequest,
) -> Result<ListCertificatesResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let statuses = input.certificate_statuses.unwrap_or_default();
    let includes = input.includes.unwrap_or_default();
    let descending = input.sort_order.as_deref() == Some("DESCENDING");
    let key = |certificate: &Arc<Certificate>| {
        let created = certificate.created.millis();
        let created = if descending { i64::MAX - created } else { created };
        format!("{created:020}/{}", certificate.arn)
    };
    let mut found: Vec<Arc<Certificate>> = snapshot
        .scan::<Certificate>(&model::prefix(&ctx.region))
        .filter(|c| statuses.is_empty() || statuses.iter().any(|s| s == c.status(ctx.now)))
        .filter(|certificate| included(certificate, &includes))
        .collect();
    found.sort_by_cached_key(key);
    let limit = input.max_items.map_or(PAGE, |n| n as usize);
    let page = page(found, key, input.next_token.as_deref(), limit)
        .ok_or_else(|| error::validation_exception("The NextToken is not valid."))?;
    let shown = |certificate: &Arc<Certificate>| {
        shown(certificate, &ctx, !model::in_use_by(&snapshot, &certificate.arn).is_empty())
    };
    Ok(ListCertificatesResponse {
        certificate_summary_list: Some(page.items.iter().map(shown).collect()),
        next_token: page.next_token,
    })
}

fn included(certificate: &Certificate, includes: &Filters) -> bool {
    let imported = certificate.imported();
    let key_type = match &includes.key_types {
        Some(types) => types.contains(&certificate.key_algorithm),
        None => DEFAULT_KEY_TYPES.contains(&certificate.key_algorithm.as_str()),
    };
    let usage = includes.key_usage.as_ref().is_none_or(|wanted| {
        imported.is_some_and(|it| it.key_usages.iter().any(|usage| wanted.contains(usage)))
    });
    let extended = includes.extended_key_usage.as_ref().is_none_or(|wanted| {
        imported
            .is_some_and(|it| it.extended_key_usages.iter().any(|(name, _)| wanted.contains(name)))
    });
    // Nothing here is managed by another service, and nothing can be exported.
    let export = includes.export_option.as_deref().is_none_or(|wanted| wanted == "DISABLED");
    key_type && usage && extended && export && includes.managed_by.is_none()
}

fn shown(certificate: &Certificate, ctx: &Ctx, in_use: bool) -> CertificateSummary {
    let imported = certificate.imported();
    let kind = if imported.is_some() { "IMPORTED" } else { "AMAZON_ISSUED" };
    CertificateSummary {
        certificate_arn: Some(certificate.arn.clone()),
        domain_name: Some(certificate.domain_name.clone()),
        subject_alternative_name_summaries: Some(certificate.subject_alternative_names.clone()),
        has_additional_subject_alternative_names: Some(false),
        status: Some(certificate.status(ctx.now).to_owned()),
        r#type: Some(kind.to_owned()),
        key_algorithm: Some(certificate.key_algorithm.clone()),
        key_usages: imported.map(|it| it.key_usages.clone()),
        extended_key_usages: imported
            .map(|it| it.extended_key_usages.iter().map(|(name, _)| name.clone()).collect()),
        in_use: Some(in_use),
        renewal_eligibility: Some("INELIGIBLE".into()),
        not_before: imported.map(|it| it.not_before),
        not_after: imported.map(|it| it.not_after),
        created_at: Some(certificate.created),
        imported_at: imported.map(|it| it.imported),
        ..CertificateSummary::default()
    }
}
