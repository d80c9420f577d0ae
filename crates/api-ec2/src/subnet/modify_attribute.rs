//! ModifySubnetAttribute: changes one setting of a subnet.

use neargate_api::model::ec2::{Subnet, key};
use neargate_api::types::ec2::{
    AttributeBooleanValue, ModifySubnetAttributeOutput, ModifySubnetAttributeRequest,
};
use neargate_api::{AwsError, Ctx};

use crate::error;
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: ModifySubnetAttributeRequest,
) -> Result<ModifySubnetAttributeOutput, AwsError> {
    refuse_unsupported(&input)?;
    let truth = |value: Option<AttributeBooleanValue>| value.and_then(|value| value.value);
    let public = truth(input.map_public_ip_on_launch);
    let dns64 = truth(input.enable_dns64);
    let dns_a = truth(input.enable_resource_name_dns_a_record_on_launch);
    let hostname_type = input.private_dns_hostname_type_on_launch;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        find::<Subnet>(tx, &region, &input.subnet_id)?;
        tx.update::<Subnet>(&key(&region, &input.subnet_id), |subnet| {
            subnet.map_public_ip_on_launch = public.unwrap_or(subnet.map_public_ip_on_launch);
            subnet.enable_dns64 = dns64.unwrap_or(subnet.enable_dns64);
            subnet.resource_name_dns_a = dns_a.unwrap_or(subnet.resource_name_dns_a);
            if let Some(new) = hostname_type {
                subnet.hostname_type = new;
            }
        });
        Ok(ModifySubnetAttributeOutput {})
    })
    .await
}

fn refuse_unsupported(input: &ModifySubnetAttributeRequest) -> Result<(), AwsError> {
    let on = |value: &Option<AttributeBooleanValue>| {
        value.as_ref().is_some_and(|value| value.value == Some(true))
    };
    if on(&input.assign_ipv6_address_on_creation)
        || on(&input.enable_resource_name_dns_aaaa_record_on_launch)
    {
        return Err(error::of(
            "InvalidParameterValue",
            format!(
                "Invalid value 'true' for assignIpv6AddressOnCreation. Subnet {} does not have an ipv6 CIDR block associated with it.",
                input.subnet_id
            ),
        ));
    }
    if on(&input.map_customer_owned_ip_on_launch)
        || input.customer_owned_ipv4_pool.is_some()
        || input.enable_lni_at_device_index.is_some()
    {
        return Err(error::unsupported("CustomerOwnedIpv4Pool", "there are no Outposts."));
    }
    Ok(())
}
