//! Image scanning. This Neargate has no scanner: nothing is ever found because
//! nothing is looked for, which is said wherever somebody could think otherwise.

use neargate_api::model::ecr::{Registry, Repository};
use neargate_api::types::ecr::{
    DescribeImageScanFindingsRequest, DescribeImageScanFindingsResponse, StartImageScanRequest,
    StartImageScanResponse, error,
};
use neargate_api::{AwsError, Ctx, Inert, Snapshot};

use crate::{image, repository};

/// StartImageScan: refused, for want of a scanner.
pub async fn start(
    ctx: Ctx,
    input: StartImageScanRequest,
) -> Result<StartImageScanResponse, AwsError> {
    let name = &input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), name)?;
    image::get(&ctx, name, &input.image_id)?;
    Err(error::validation_exception("This Neargate has no image scanner."))
}

/// DescribeImageScanFindings: no image was ever scanned.
pub async fn describe_findings(
    ctx: Ctx,
    input: DescribeImageScanFindingsRequest,
) -> Result<DescribeImageScanFindingsResponse, AwsError> {
    let name = &input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), name)?;
    image::get(&ctx, name, &input.image_id)?;
    Err(error::scan_not_found_exception(format!(
        "Image scan does not exist for the image with '{}' in the repository with name '{name}' in the registry with id '{}'",
        image::id_text(&input.image_id),
        ctx.account()
    )))
}

/// The settings that would have images scanned.
pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let on_push = snapshot.all::<Repository>().filter(|r| r.scan_on_push).map(|r| {
        Inert::new(
            &r.arn,
            "imageScanningConfiguration.scanOnPush",
            "Every image that is pushed would be scanned for known vulnerabilities.",
        )
    });
    let rules = snapshot.all::<Registry>().filter(|registry| {
        let scanning = &registry.scanning;
        scanning.rules.as_ref().is_some_and(|rules| !rules.is_empty())
            || scanning.scan_type.as_deref() == Some("ENHANCED")
    });
    let rules = rules.map(|registry| {
        Inert::new(
            format!("ecr registry of {}", registry.region),
            "scanningConfiguration",
            "Images in the repositories that the rules select would be scanned.",
        )
    });
    on_push.chain(rules).collect()
}
