//! What of the network is accepted and shown back, and does not act yet.

use neargate_api::model::ec2::{
    AclEntry, DhcpOptions, FlowLog, NetworkAcl, NetworkInterface, Vpc, VpcEndpoint, key,
};
use neargate_api::{Inert, Snapshot};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut all = Vec::new();
    for log in snapshot.all::<FlowLog>() {
        let on_aws = format!(
            "The connections of {} would be recorded in {}.",
            log.resource_id,
            log.settings.log_destination_type.as_deref().unwrap_or("CloudWatch Logs")
        );
        all.push(Inert::new(&log.flow_log_id, "FlowLog", on_aws));
    }
    for acl in snapshot.all::<NetworkAcl>() {
        if filters(&acl.entries) && !acl.associations.is_empty() {
            let on_aws = "Traffic of its subnets would be let through or dropped by these entries. \
                Only security groups are enforced here.";
            all.push(Inert::new(&acl.network_acl_id, "Entries", on_aws));
        }
    }
    for endpoint in snapshot.all::<VpcEndpoint>() {
        let on_aws = format!(
            "Tasks without a way to the internet would reach {} through this endpoint only, and only if \
             its security groups let them. Here they reach every service that Neargate has in any case.",
            endpoint.service()
        );
        all.push(Inert::new(&endpoint.endpoint_id, "ServiceName", on_aws));
        if endpoint.policy.is_some() {
            let on_aws =
                "Calls through the endpoint would be refused unless this policy allows them.";
            all.push(Inert::new(&endpoint.endpoint_id, "PolicyDocument", on_aws));
        }
    }
    for vpc in snapshot.all::<Vpc>() {
        of_vpc(snapshot, &vpc, &mut all);
    }
    for interface in snapshot.all::<NetworkInterface>() {
        if interface.requester_id.is_none() && interface.attachment.is_none() {
            let on_aws =
                "The interface could be attached to an instance. There are no instances here.";
            all.push(Inert::new(&interface.interface_id, "NetworkInterface", on_aws));
        }
    }
    all
}

fn of_vpc(snapshot: &Snapshot, vpc: &Vpc, all: &mut Vec<Inert>) {
    let options = snapshot.get::<DhcpOptions>(&key(&vpc.region, &vpc.dhcp_options_id));
    if options.is_some_and(|options| !options.is_default) {
        let on_aws =
            "Tasks would use these name servers and this domain. Here they use Neargate's own.";
        all.push(Inert::new(&vpc.vpc_id, "DhcpOptionsId", on_aws));
    }
    if vpc.enable_network_address_usage_metrics {
        let on_aws = "CloudWatch would have metrics of the VPC's address usage.";
        all.push(Inert::new(&vpc.vpc_id, "EnableNetworkAddressUsageMetrics", on_aws));
    }
    if vpc.instance_tenancy != "default" {
        let on_aws = "Instances would run on hardware of their own. There are no instances here.";
        all.push(Inert::new(&vpc.vpc_id, "InstanceTenancy", on_aws));
    }
}

/// Whether an ACL does anything but let everything pass.
fn filters(entries: &[AclEntry]) -> bool {
    let open = NetworkAcl::open();
    entries.len() != open.len() || !open.iter().all(|entry| entries.contains(entry))
}
