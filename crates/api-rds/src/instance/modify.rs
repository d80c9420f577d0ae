//! ModifyDBInstance: some changes act at once; the others do so with
//! ApplyImmediately, and otherwise wait for the maintenance window.

use neargate_api::model::ec2::{self, NetworkInterface, SecurityGroup};
use neargate_api::model::rds::{DbInstance, Status, family_of, modification};
use neargate_api::types::rds::{ModifyDBInstanceMessage, ModifyDBInstanceResult};
use neargate_api::{AwsError, Ctx, Stored, Tx};

use super::settings;
use crate::{engine, error, parameter_group, password};

pub async fn call(
    ctx: Ctx,
    mut input: ModifyDBInstanceMessage,
) -> Result<ModifyDBInstanceResult, AwsError> {
    refuse_unsupported(&input)?;
    let verifier = match &input.master_user_password {
        Some(given) => {
            password::check(given)?;
            Some(password::verifier(given)?)
        }
        None => None,
    };
    input.master_user_password = None;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let found = super::find(tx, &at.region, &input.db_instance_identifier)?;
        super::needs(&found, &[Status::Available, Status::IncompatibleParameters])?;
        let mut instance = DbInstance::clone(&found);
        if verifier.is_some() && instance.secret.is_some() {
            return Err(error::invalid_combination(
                "You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled.",
            ));
        }
        check(tx, &instance, &mut input)?;
        if verifier.is_some() {
            instance.verifier = verifier;
            instance.verifier_is_new = true;
        }
        regroup(&at, tx, &mut instance, &input)?;
        modification::apply_immediate(&mut instance, &input);
        if let Some(later) = modification::deferred(&input) {
            let mut waiting = instance.pending.take().unwrap_or_default();
            modification::join(&mut waiting.0, later);
            match input.apply_immediately {
                Some(true) => modification::apply_deferred(&mut instance, &waiting),
                _ => instance.pending = Some(Stored(waiting.0)),
            }
        }
        instance.status = Status::Modifying;
        let shape = super::shape(&at, tx, &instance);
        tx.put(instance);
        Ok(ModifyDBInstanceResult { db_instance: Some(shape) })
    })
    .await
}

fn refuse_unsupported(input: &ModifyDBInstanceMessage) -> Result<(), AwsError> {
    let refused = [
        ("NewDBInstanceIdentifier", input.new_db_instance_identifier.is_some()),
        ("ManageMasterUserPassword", input.manage_master_user_password.is_some()),
        ("RotateMasterUserPassword", input.rotate_master_user_password == Some(true)),
        ("DBSubnetGroupName", input.db_subnet_group_name.is_some()),
        ("Domain", input.domain.is_some() || input.domain_fqdn.is_some()),
        ("MultiTenant", input.multi_tenant == Some(true)),
        ("Engine", input.engine.as_deref().is_some_and(|engine| engine != "postgres")),
    ];
    match refused.iter().find(|(_, given)| *given) {
        Some((field, _)) => Err(error::unsupported(field, "make another instance for that.")),
        None => Ok(()),
    }
}

/// Holds the new values against the rules, and makes the version the one that it means.
fn check(
    tx: &Tx,
    instance: &DbInstance,
    input: &mut ModifyDBInstanceMessage,
) -> Result<(), AwsError> {
    let now = &instance.settings;
    if let Some(class) = &input.db_instance_class {
        settings::class(class)?;
    }
    if let Some(days) = input.backup_retention_period {
        settings::days(days)?;
    }
    if let Some(authority) = &input.ca_certificate_identifier {
        settings::known_authority(authority)?;
    }
    if let Some(port) = input.db_port_number {
        super::create::port(Some(port))?;
    }
    if let Some(logs) = &input.cloudwatch_logs_export_configuration {
        settings::known_logs(logs.enable_log_types.as_deref().unwrap_or_default())?;
    }
    let backup = input.preferred_backup_window.take().or(now.preferred_backup_window.clone());
    let maintenance =
        input.preferred_maintenance_window.take().or(now.preferred_maintenance_window.clone());
    let (backup, maintenance) =
        settings::windows(backup.unwrap_or_default(), maintenance.unwrap_or_default())?;
    input.preferred_backup_window = Some(backup);
    input.preferred_maintenance_window = Some(maintenance);
    check_storage(instance, input)?;
    if let Some(asked) = &input.engine_version {
        let version = engine::version(tx, Some(asked))?;
        if version.major != instance.major_version() {
            return Err(error::unsupported(
                "A major version upgrade",
                "make an instance of the other version and move the data.",
            ));
        }
        input.engine_version = Some(version.to_string());
    }
    Ok(())
}

fn check_storage(instance: &DbInstance, input: &ModifyDBInstanceMessage) -> Result<(), AwsError> {
    let now = &instance.settings;
    let before = now.allocated_storage.unwrap_or_default();
    let allocated = input.allocated_storage.unwrap_or(before);
    if allocated < before {
        return Err(error::invalid_combination(
            "Invalid storage size for engine name postgres: the requested storage size is less than the current size.",
        ));
    }
    if input.storage_type.is_none() && input.iops.is_none() && input.allocated_storage.is_none() {
        return Ok(());
    }
    let kind = input.storage_type.as_deref().or(now.storage_type.as_deref()).unwrap_or("gp2");
    let iops = input.iops.or(now.iops.filter(|_| input.storage_type.is_none()));
    settings::check_storage(kind, allocated, iops, input.storage_throughput)
}

/// Security groups act at once; another parameter group waits for a reboot.
fn regroup(
    ctx: &Ctx,
    tx: &mut Tx,
    instance: &mut DbInstance,
    input: &ModifyDBInstanceMessage,
) -> Result<(), AwsError> {
    if let Some(ids) = input.vpc_security_group_ids.clone().filter(|ids| !ids.is_empty()) {
        for id in &ids {
            let group = tx.get::<SecurityGroup>(&ec2::key(&ctx.region, id));
            let missing = || ec2::AllocateError::NoGroup(id.clone());
            let group = group.ok_or_else(|| error::network(&missing()))?;
            if group.vpc_id != instance.vpc_id {
                return Err(neargate_api::types::rds::error::invalid_vpc_network_state_fault(
                    "The DB instance and EC2 security group are in different VPCs.",
                ));
            }
        }
        let interface = ec2::key(&ctx.region, &instance.interface_id);
        tx.update::<NetworkInterface>(&interface, |interface| {
            interface.security_group_ids.clone_from(&ids);
        });
        instance.security_group_ids = ids;
    }
    if let Some(name) = &input.db_parameter_group_name {
        let group = parameter_group::find(ctx, tx, name)?;
        super::create::fits(&group, &family_of(instance.major_version()))?;
        if group.name != instance.parameter_group {
            instance.parameter_group = group.name;
            instance.parameter_apply_status = "pending-reboot".into();
        }
    }
    Ok(())
}
