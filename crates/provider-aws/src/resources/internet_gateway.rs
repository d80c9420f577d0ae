//! `aws_internet_gateway`, with its attachment to a VPC.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::{tags, waits};

pub struct InternetGateway;

const MISSING: [&str; 1] = ["InvalidInternetGatewayID.NotFound"];

#[async_trait]
impl Resource for InternetGateway {
    fn facts(&self) -> &'static Facts {
        &Facts::NONE
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = ec2::CreateInternetGatewayRequest {
            tag_specifications: tags::specifications("internet-gateway", planned),
            ..Default::default()
        };
        let output = cloud.call::<ec2::CreateInternetGateway>(&input).await?;
        Ok(output.internet_gateway.unwrap_or_default().internet_gateway_id.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        attach(cloud, planned).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let ids = Some(vec![id.clone()]);
        let input = ec2::DescribeInternetGatewaysRequest {
            internet_gateway_ids: ids,
            ..Default::default()
        };
        let described = found(cloud.call::<ec2::DescribeInternetGateways>(&input).await, &MISSING)?;
        let gateway = described.and_then(|output| output.internet_gateways?.into_iter().next());
        let Some(gateway) = gateway else { return Ok(None) };
        let attached = gateway.attachments.unwrap_or_default().into_iter().next();
        known.extend(json!({
            "arn": cloud.arn("ec2", &format!("internet-gateway/{id}")),
            "owner_id": gateway.owner_id,
            "vpc_id": attached.and_then(|attached| attached.vpc_id).unwrap_or_default(),
        }));
        tags::set(&mut known, cloud, tags::of_ec2(gateway.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        if prior.differs(planned, "vpc_id") {
            detach(cloud, prior).await?;
            attach(cloud, planned).await?;
        }
        tags::update_ec2(cloud, &planned.id(), prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        detach(cloud, prior).await?;
        let input = ec2::DeleteInternetGatewayRequest {
            internet_gateway_id: prior.id(),
            ..Default::default()
        };
        let what = format!("Internet gateway {}", prior.id());
        waits::delete(cloud, &what, &MISSING, &["DependencyViolation"], || {
            cloud.call::<ec2::DeleteInternetGateway>(&input)
        })
        .await
    }
}

async fn attach(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let vpc_id = planned.string("vpc_id");
    let Some(vpc) = vpc_id.clone() else { return Ok(()) };
    let input = ec2::AttachInternetGatewayRequest {
        internet_gateway_id: planned.id(),
        vpc_id: vpc,
        ..Default::default()
    };
    match cloud.call::<ec2::AttachInternetGateway>(&input).await {
        Err(error) if error.is_any(&["Resource.AlreadyAssociated"]) => {
            // By a run that was killed, if it is the same VPC.
            let input = ec2::DescribeInternetGatewaysRequest {
                internet_gateway_ids: Some(vec![input.internet_gateway_id.clone()]),
                ..Default::default()
            };
            let described = cloud.call::<ec2::DescribeInternetGateways>(&input).await?;
            let mut gateways = described.internet_gateways.unwrap_or_default().into_iter();
            let attachments = gateways.next().and_then(|gateway| gateway.attachments);
            let is_there = attachments.unwrap_or_default().iter().any(|a| a.vpc_id == vpc_id);
            if is_there { Ok(()) } else { Err(error.into()) }
        }
        attached => attached.map(drop).map_err(Failure::from),
    }
}

async fn detach(cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
    let Some(vpc_id) = prior.string("vpc_id") else { return Ok(()) };
    let input = ec2::DetachInternetGatewayRequest {
        internet_gateway_id: prior.id(),
        vpc_id,
        ..Default::default()
    };
    let what = format!("The attachment of {}", prior.id());
    let missing = ["InvalidInternetGatewayID.NotFound", "Gateway.NotAttached"];
    // Addresses of the VPC are in use still.
    waits::delete(cloud, &what, &missing, &["DependencyViolation"], || {
        cloud.call::<ec2::DetachInternetGateway>(&input)
    })
    .await
}
