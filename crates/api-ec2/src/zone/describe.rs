//! DescribeAvailabilityZones.

use neargate_api::model::ec2::zones;
use neargate_api::types::ec2::{
    AvailabilityZone, DescribeAvailabilityZonesRequest, DescribeAvailabilityZonesResult,
};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::filter::{Field, each, one};
use crate::listing::{Asked, Listing};

const FIELDS: &[Field<AvailabilityZone>] = &[
    ("group-name", |zone| one(&zone.group_name)),
    ("message", |zone| each(&zone.messages, |message| message.message.clone())),
    ("opt-in-status", |zone| one(&zone.opt_in_status)),
    ("parent-zone-id", |zone| one(&zone.parent_zone_id)),
    ("parent-zone-name", |zone| one(&zone.parent_zone_name)),
    ("region-name", |zone| one(&zone.region_name)),
    ("state", |zone| one(&zone.state)),
    ("zone-id", |zone| one(&zone.zone_id)),
    ("zone-name", |zone| one(&zone.zone_name)),
    ("zone-type", |zone| one(&zone.zone_type)),
];

const LISTING: Listing<AvailabilityZone> = Listing {
    fields: FIELDS,
    id: |zone| &zone.zone_name,
    tags: |_| &None,
    not_found: |name| error::invalid(format!("Invalid availability zone: [{name}]")),
};

pub async fn call(
    ctx: Ctx,
    input: DescribeAvailabilityZonesRequest,
) -> Result<DescribeAvailabilityZonesResult, AwsError> {
    dry_run(input.dry_run)?;
    let zones = zones(&ctx.region);
    let mut names = input.zone_names.unwrap_or_default();
    for id in input.zone_ids.unwrap_or_default() {
        let zone = zones.iter().find(|zone| zone.id == id);
        let zone =
            zone.ok_or_else(|| error::invalid(format!("Invalid availability zone-id: [{id}]")))?;
        names.push(zone.name.clone());
    }
    let shapes = zones.into_iter().map(|zone| AvailabilityZone {
        zone_name: Some(zone.name),
        zone_id: Some(zone.id),
        zone_type: Some("availability-zone".into()),
        region_name: Some(ctx.region.clone()),
        group_name: Some(format!("{}-zg-1", ctx.region)),
        network_border_group: Some(ctx.region.clone()),
        opt_in_status: Some("opt-in-not-required".into()),
        state: Some("available".into()),
        messages: Some(Vec::new()),
        ..AvailabilityZone::default()
    });
    let page = LISTING
        .page(shapes, Asked { ids: Some(names), filters: input.filters, ..Asked::default() })?;
    Ok(DescribeAvailabilityZonesResult { availability_zones: Some(page.items) })
}
