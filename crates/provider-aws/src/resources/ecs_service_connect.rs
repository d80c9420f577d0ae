//! Parts of a service that AWS takes and does not give back: Service Connect, volumes
//! that it makes for tasks, and VPC Lattice. The state keeps them as they were written.

use neargate_api_types::ecs;

use crate::attributes::Attributes;

/// Service Connect, as the block describes it.
pub fn of(planned: &Attributes) -> Option<ecs::ServiceConnectConfiguration> {
    let block = planned.block("service_connect_configuration")?;
    let secret = |block: Attributes| ecs::Secret {
        name: block.required("name"),
        value_from: block.required("value_from"),
    };
    let logs = block.block("log_configuration").map(|block| ecs::LogConfiguration {
        log_driver: block.required("log_driver"),
        options: Some(block.map("options")).filter(|options| !options.is_empty()),
        secret_options: Some(block.blocks("secret_option").into_iter().map(secret).collect()),
    });
    let services: Vec<_> = block.blocks("service").iter().map(service).collect();
    Some(ecs::ServiceConnectConfiguration {
        enabled: block.is("enabled"),
        log_configuration: logs,
        namespace: block.string("namespace"),
        services: Some(services).filter(|services| !services.is_empty()),
        ..Default::default()
    })
}

fn service(block: &Attributes) -> ecs::ServiceConnectService {
    let alias = block.block("client_alias").map(|block| ecs::ServiceConnectClientAlias {
        dns_name: block.string("dns_name"),
        port: block.number("port").unwrap_or_default(),
        test_traffic_rules: None,
    });
    let tls = block.block("tls").map(|block| {
        let authority = block.block("issuer_cert_authority").unwrap_or_default();
        ecs::ServiceConnectTlsConfiguration {
            issuer_certificate_authority: ecs::ServiceConnectTlsCertificateAuthority {
                aws_pca_authority_arn: authority.string("aws_pca_authority_arn"),
            },
            kms_key: block.string("kms_key"),
            role_arn: block.string("role_arn"),
        }
    });
    ecs::ServiceConnectService {
        client_aliases: alias.map(|alias| vec![alias]),
        discovery_name: block.string("discovery_name"),
        ingress_port_override: block.number("ingress_port_override").filter(|port| *port > 0),
        port_name: block.required("port_name"),
        timeout: block.block("timeout").map(|block| ecs::TimeoutConfiguration {
            idle_timeout_seconds: block.number("idle_timeout_seconds"),
            per_request_timeout_seconds: block.number("per_request_timeout_seconds"),
        }),
        tls,
    }
}

/// Volumes that are made for each task.
pub fn volumes(planned: &Attributes) -> Vec<ecs::ServiceVolumeConfiguration> {
    let volume = |block: Attributes| ecs::ServiceVolumeConfiguration {
        managed_ebs_volume: block.block("managed_ebs_volume").map(ebs),
        name: block.required("name"),
    };
    planned.blocks("volume_configuration").into_iter().map(volume).collect()
}

fn ebs(block: Attributes) -> ecs::ServiceManagedEBSVolumeConfiguration {
    let number = |name: &str| block.number(name).filter(|number| *number > 0);
    let tag = |(key, value)| ecs::Tag { key: Some(key), value: Some(value) };
    let specification = |block: Attributes| ecs::EBSTagSpecification {
        propagate_tags: block.string("propagate_tags"),
        resource_type: block.required("resource_type"),
        tags: Some(block.map("tags").into_iter().map(tag).collect()),
    };
    let specifications: Vec<_> =
        block.blocks("tag_specifications").into_iter().map(specification).collect();
    ecs::ServiceManagedEBSVolumeConfiguration {
        encrypted: block.bool("encrypted"),
        filesystem_type: block.string("file_system_type"),
        iops: number("iops"),
        kms_key_id: block.string("kms_key_id"),
        role_arn: block.required("role_arn"),
        size_in_gi_b: number("size_in_gb"),
        snapshot_id: block.string("snapshot_id"),
        tag_specifications: Some(specifications).filter(|all| !all.is_empty()),
        throughput: number("throughput"),
        volume_initialization_rate: number("volume_initialization_rate"),
        volume_type: block.string("volume_type"),
    }
}

/// Target groups of VPC Lattice.
pub fn lattices(planned: &Attributes) -> Vec<ecs::VpcLatticeConfiguration> {
    let lattice = |block: Attributes| ecs::VpcLatticeConfiguration {
        advanced_configuration: None,
        port_name: block.required("port_name"),
        role_arn: block.required("role_arn"),
        target_group_arn: block.required("target_group_arn"),
    };
    planned.blocks("vpc_lattice_configurations").into_iter().map(lattice).collect()
}
