//! DescribeNetworkInterfaceAttribute: one setting of an interface.

use neargate_api::model::ec2::NetworkInterface;
use neargate_api::types::ec2::{
    AttributeBooleanValue, AttributeValue, DescribeNetworkInterfaceAttributeRequest,
    DescribeNetworkInterfaceAttributeResult,
};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: DescribeNetworkInterfaceAttributeRequest,
) -> Result<DescribeNetworkInterfaceAttributeResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let interface = find::<NetworkInterface>(&snapshot, &ctx.region, &input.network_interface_id)?;
    let mut shown = DescribeNetworkInterfaceAttributeResult {
        network_interface_id: Some(interface.interface_id.clone()),
        ..DescribeNetworkInterfaceAttributeResult::default()
    };
    match input.attribute.as_deref() {
        Some("description") => {
            shown.description = Some(AttributeValue { value: Some(interface.description.clone()) });
        }
        Some("groupSet") => shown.groups = Some(super::groups(&snapshot, &interface)),
        Some("sourceDestCheck") => {
            let value = Some(interface.source_dest_check);
            shown.source_dest_check = Some(AttributeBooleanValue { value });
        }
        Some("attachment") => {
            shown.attachment = interface.attachment.as_ref().map(super::attachment);
        }
        Some("associatePublicIpAddress") => {
            let assigned = interface.public.as_ref().is_some_and(|p| p.allocation_id.is_none());
            shown.associate_public_ip_address = Some(assigned);
        }
        Some(other) => {
            return Err(error::invalid_value(
                other,
                "attribute",
                "Interfaces have no such attribute.",
            ));
        }
        None => return Err(error::missing("attribute")),
    }
    Ok(shown)
}
