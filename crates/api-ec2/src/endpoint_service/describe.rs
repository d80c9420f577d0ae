//! DescribeVpcEndpointServices.

use neargate_api::model::ec2::{ENDPOINT_SERVICES, EndpointService, zones};
use neargate_api::types::ec2::{
    DescribeVpcEndpointServicesRequest, DescribeVpcEndpointServicesResult, PrivateDnsDetails,
    ServiceDetail, ServiceTypeDetail,
};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::filter::{Field, each, one};
use crate::listing::{Asked, Listing};

/// A service, listed by name and kind: S3 and DynamoDB are there twice.
#[derive(Clone)]
struct Row {
    id: Option<String>,
    detail: ServiceDetail,
}

const FIELDS: &[Field<Row>] = &[
    ("owner", |row| one(&row.detail.owner)),
    ("service-name", |row| one(&row.detail.service_name)),
    ("service-region", |row| one(&row.detail.service_region)),
    ("service-type", |row| each(&row.detail.service_type, |kind| kind.service_type.clone())),
    ("supported-ip-address-types", |row| {
        each(&row.detail.supported_ip_address_types, |kind| Some(kind.clone()))
    }),
];

const LISTING: Listing<Row> = Listing {
    fields: FIELDS,
    id: |row| &row.id,
    tags: |row| &row.detail.tags,
    not_found: |name| error::of("InvalidServiceName", not_there(name)),
};

fn not_there(name: &str) -> String {
    format!("The Vpc Endpoint Service '{name}' does not exist")
}

pub async fn call(
    ctx: Ctx,
    input: DescribeVpcEndpointServicesRequest,
) -> Result<DescribeVpcEndpointServicesResult, AwsError> {
    dry_run(input.dry_run)?;
    let names = input.service_names.unwrap_or_default();
    for name in &names {
        if EndpointService::find(&ctx.region, name).is_none() {
            return Err(error::of("InvalidServiceName", not_there(name)));
        }
    }
    let rows = ENDPOINT_SERVICES.iter().flat_map(|service| {
        let kinds = [(service.gateway, "Gateway"), (service.interface, "Interface")];
        let there = kinds.into_iter().filter(|(there, _)| *there);
        there.map(|(_, kind)| row(&ctx.region, service, kind)).collect::<Vec<_>>()
    });
    let wanted = rows.filter(|row| {
        names.is_empty() || row.detail.service_name.iter().all(|name| names.contains(name))
    });
    let page = LISTING.page(
        wanted,
        Asked {
            ids: None,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    let details: Vec<_> = page.items.into_iter().map(|row| row.detail).collect();
    let mut names: Vec<_> = details.iter().filter_map(|d| d.service_name.clone()).collect();
    names.dedup();
    Ok(DescribeVpcEndpointServicesResult {
        service_names: Some(names),
        service_details: Some(details),
        next_token: page.next_token,
    })
}

fn row(region: &str, service: &EndpointService, kind: &str) -> Row {
    let name = service.full_name(region);
    let private = service.private_dns_name(region);
    let interface = kind == "Interface";
    let zones = zones(region);
    let detail = ServiceDetail {
        service_name: Some(name.clone()),
        service_id: Some(format!("vpce-svc-{}", service_id(&name, kind))),
        service_type: Some(vec![ServiceTypeDetail { service_type: Some(kind.into()) }]),
        service_region: Some(region.into()),
        availability_zones: Some(zones.iter().map(|zone| zone.name.clone()).collect()),
        availability_zone_ids: Some(zones.iter().map(|zone| zone.id.clone()).collect()),
        owner: Some("amazon".into()),
        base_endpoint_dns_names: Some(vec![if interface {
            format!("{}.{region}.vpce.amazonaws.com", service.name)
        } else {
            private.clone()
        }]),
        private_dns_name: interface.then(|| private.clone()),
        private_dns_names: interface
            .then(|| vec![PrivateDnsDetails { private_dns_name: Some(private) }]),
        private_dns_name_verification_state: interface.then(|| "verified".into()),
        vpc_endpoint_policy_supported: Some(true),
        acceptance_required: Some(false),
        manages_vpc_endpoints: Some(false),
        supported_ip_address_types: Some(vec!["ipv4".into()]),
        tags: Some(Vec::new()),
        ..ServiceDetail::default()
    };
    Row { id: Some(format!("{name}/{kind}")), detail }
}

/// Seventeen hexadecimal digits, the same in every Neargate.
fn service_id(name: &str, kind: &str) -> String {
    let hash = name.bytes().chain(kind.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("0{hash:016x}")
}
