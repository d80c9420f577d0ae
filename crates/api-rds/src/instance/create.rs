//! CreateDBInstance: a PostgreSQL server of its own, with an interface in a
//! subnet of its group. The database loop makes it.

use neargate_api::model::ec2;
use neargate_api::model::ec2::{InterfaceSpec, InterfaceType, Subnet, allocate_interface};
use neargate_api::model::rds::{
    DbInstance, Installed, ManagedSecret, ParameterGroup, Status, SubnetGroup, Version, family_of,
    key,
};
use neargate_api::types::rds::{CreateDBInstanceMessage, CreateDBInstanceResult, error as fault};
use neargate_api::{AwsError, Ctx, Snapshot, Stored, Tx};

use crate::{arn, engine, error, parameter_group, password, subnet_group, tag};

pub async fn call(
    ctx: Ctx,
    input: CreateDBInstanceMessage,
) -> Result<CreateDBInstanceResult, AwsError> {
    engine::check(&input.engine)?;
    refuse_unsupported(&input)?;
    let identifier = identifier(&input.db_instance_identifier)?;
    check_names(&input)?;
    let tags = tag::read(input.tags.clone())?;
    let managed = input.manage_master_user_password == Some(true);
    let verifier = match (&input.master_user_password, managed) {
        (Some(given), false) => {
            password::check(given)?;
            Some(password::verifier(given)?)
        }
        (None, true) => None,
        (Some(_), true) => {
            return Err(error::invalid_combination(
                "You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled.",
            ));
        }
        (None, false) => {
            return Err(error::invalid_value(
                "The parameter MasterUserPassword must be provided and must not be blank.",
            ));
        }
    };
    let at = ctx.clone();
    ctx.write(move |tx| {
        if tx.contains::<DbInstance>(&key(&at.region, &identifier)) {
            return Err(fault::db_instance_already_exists_fault("DB instance already exists"));
        }
        let version = version(tx, &input)?;
        let settings = super::settings::of(&at, &input, version)?;
        let parameter_group = group_for(&at, tx, &input, version)?;
        let place = place(&at, tx, &input)?;
        let secret = managed.then(|| ManagedSecret {
            name: format!("rds!db-{}", at.rng().uuid()),
            arn: None,
            kms_key_id: input.master_user_secret_kms_key_id.clone(),
        });
        let instance = DbInstance {
            region: at.region.clone(),
            arn: arn(&at, "db", &identifier),
            resource_id: format!("db-{}", at.rng().base32(26)),
            status: Status::Creating,
            settings: Stored(settings),
            pending: None,
            subnet_group: place.group.name.clone(),
            security_group_ids: place.interface.security_group_ids.clone(),
            vpc_id: place.interface.vpc_id.clone(),
            interface_id: place.interface.interface_id.clone(),
            private_ip: place.interface.private_ip,
            made: false,
            port: port(input.port)?,
            parameters: parameter_group.at_start(),
            parameter_group: parameter_group.name,
            parameter_apply_status: "in-sync".into(),
            verifier,
            verifier_is_new: false,
            secret,
            final_snapshot: None,
            running_version: None,
            created_at: at.now,
            tags,
            identifier,
        };
        let shape = super::shape(&at, tx, &instance);
        tx.put(instance);
        Ok(CreateDBInstanceResult { db_instance: Some(shape) })
    })
    .await
}

fn refuse_unsupported(input: &CreateDBInstanceMessage) -> Result<(), AwsError> {
    let refused = [
        ("DBClusterIdentifier", input.db_cluster_identifier.is_some()),
        ("Domain", input.domain.is_some() || input.domain_fqdn.is_some()),
        ("MultiTenant", input.multi_tenant == Some(true)),
        ("Timezone", input.timezone.is_some()),
        ("TdeCredentialArn", input.tde_credential_arn.is_some()),
        ("CharacterSetName", input.character_set_name.is_some()),
        ("EnableCustomerOwnedIp", input.enable_customer_owned_ip == Some(true)),
        ("CustomIamInstanceProfile", input.custom_iam_instance_profile.is_some()),
        ("AdditionalStorageVolumes", input.additional_storage_volumes.is_some()),
    ];
    if let Some((field, _)) = refused.iter().find(|(_, given)| *given) {
        return Err(error::unsupported(field, "leave it out."));
    }
    if input.network_type.as_deref() == Some("DUAL") {
        return Err(fault::network_type_not_supported(
            "Neargate's networks have IPv4 only: ask for the network type IPV4.",
        ));
    }
    if input.db_security_groups.as_ref().is_some_and(|groups| !groups.is_empty()) {
        return Err(error::invalid_combination(
            "DB security groups can't be used with a VPC: give VpcSecurityGroupIds.",
        ));
    }
    Ok(())
}

/// Lower case; a letter first, then letters, digits and single hyphens, 63 in all.
fn identifier(given: &str) -> Result<String, AwsError> {
    let name = given.to_ascii_lowercase();
    let good = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 63
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !name.ends_with('-')
        && !name.contains("--");
    good.then_some(name).ok_or_else(|| {
        error::invalid_value(format!(
            "The parameter DBInstanceIdentifier is not a valid identifier: {given}. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        ))
    })
}

/// The names that go into SQL: user and database.
fn check_names(input: &CreateDBInstanceMessage) -> Result<(), AwsError> {
    let plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.len() <= 63
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let user = input.master_username.as_deref().unwrap_or_default();
    if user.is_empty() {
        return Err(error::invalid_value(
            "The parameter MasterUsername must be provided and must not be blank.",
        ));
    }
    let reserved = ["admin", "postgres_admin", "rdsadmin", "user", "rdsrepladmin"];
    if reserved.contains(&user) || user.starts_with("pg_") || user.starts_with("rds") {
        return Err(error::invalid_value(format!(
            "MasterUsername {user} cannot be used as it is a reserved word used by the engine"
        )));
    }
    if !plain(user) {
        return Err(error::invalid_value(
            "The parameter MasterUsername must begin with a letter and contain only alphanumeric characters.",
        ));
    }
    let database = input.db_name.as_deref();
    if database.is_some_and(|name| !plain(name)) {
        return Err(error::invalid_value(
            "DBName must begin with a letter and contain only alphanumeric characters.",
        ));
    }
    if let Some(name) =
        database.filter(|name| ["rdsadmin", "template0", "template1"].contains(name))
    {
        return Err(error::invalid_value(format!(
            "DBName {name} cannot be used as it is a reserved word used by the engine"
        )));
    }
    Ok(())
}

/// 1150 to 65535, and not those that RDS keeps for other engines' reasons.
pub fn port(asked: Option<i32>) -> Result<u16, AwsError> {
    let port = asked.unwrap_or(5432);
    let good = (1150..=65535).contains(&port);
    u16::try_from(port).ok().filter(|_| good).ok_or_else(|| {
        error::invalid_value(format!("Invalid port {port}: it must be between 1150 and 65535."))
    })
}

fn version(tx: &Tx, input: &CreateDBInstanceMessage) -> Result<Version, AwsError> {
    if let Some(missing) = Installed::find(tx).and_then(|installed| installed.missing.clone()) {
        return Err(fault::insufficient_db_instance_capacity_fault(format!(
            "This machine can run no DB instance: {missing}"
        )));
    }
    engine::version(tx, input.engine_version.as_deref())
}

fn group_for(
    ctx: &Ctx,
    tx: &Tx,
    input: &CreateDBInstanceMessage,
    version: Version,
) -> Result<ParameterGroup, AwsError> {
    let family = family_of(version.major);
    let name = input.db_parameter_group_name.clone().unwrap_or(format!("default.{family}"));
    let group = parameter_group::find(ctx, tx, &name)?;
    fits(&group, &family)?;
    Ok(group)
}

/// Refuses a parameter group of another major version.
pub fn fits(group: &ParameterGroup, family: &str) -> Result<(), AwsError> {
    if group.family == family {
        return Ok(());
    }
    Err(error::invalid_combination(format!(
        "The Parameter Group {} with DBParameterGroupFamily {} can't be used for this instance. Please use a Parameter Group with DBParameterGroupFamily {family}",
        group.name, group.family
    )))
}

struct Place {
    group: SubnetGroup,
    interface: ec2::NetworkInterface,
}

/// An interface in a subnet of the group: in the zone asked for, or in one by chance.
fn place(ctx: &Ctx, tx: &mut Tx, input: &CreateDBInstanceMessage) -> Result<Place, AwsError> {
    let Some(name) = &input.db_subnet_group_name else {
        return Err(error::invalid_value(
            "No DBSubnetGroupName was given, and Neargate has no default VPC: make a DB subnet group and name it.",
        ));
    };
    let group = SubnetGroup::clone(&*subnet_group::find(tx, &ctx.region, name)?);
    let mut candidates = subnets(tx, ctx, &group);
    if let Some(zone) = &input.availability_zone {
        if input.multi_az == Some(true) {
            return Err(error::invalid_combination(
                "Requesting a specific availability zone is not valid for Multi-AZ instances.",
            ));
        }
        candidates.retain(|subnet| subnet.zone == *zone);
    }
    if candidates.is_empty() {
        return Err(fault::invalid_vpc_network_state_fault(format!(
            "The DB subnet group {} has no subnet in the zone that was asked for.",
            group.name
        )));
    }
    let chosen = ctx.rng().below(candidates.len() as u64) as usize;
    let interface = allocate_interface(
        tx,
        InterfaceSpec {
            region: ctx.region.clone(),
            subnet_id: candidates[chosen].subnet_id.clone(),
            security_group_ids: input.vpc_security_group_ids.clone().unwrap_or_default(),
            description: "RDSNetworkInterface".into(),
            interface_type: InterfaceType::Interface,
            requester_id: Some("amazon-rds".into()),
            private_ip: None,
            assign_public_ip: false,
        },
        ctx.rng(),
        ctx.now,
    )
    .map_err(|cause| error::network(&cause))?;
    Ok(Place { group, interface })
}

fn subnets(snapshot: &Snapshot, ctx: &Ctx, group: &SubnetGroup) -> Vec<Subnet> {
    let find = |id: &String| snapshot.get::<Subnet>(&ec2::key(&ctx.region, id));
    group.subnet_ids.iter().filter_map(find).map(|subnet| Subnet::clone(&subnet)).collect()
}
