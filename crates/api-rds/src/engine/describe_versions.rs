//! DescribeDBEngineVersions: the versions of PostgreSQL that can be asked for.
//! The one that this machine has installed is the default.

use neargate_api::model::rds::{Version, all_versions, family_of, newest};
use neargate_api::types::rds::{
    DBEngineVersion, DBEngineVersionMessage, DescribeDBEngineVersionsMessage, UpgradeTarget,
};
use neargate_api::{AwsError, Ctx};

use super::AUTHORITIES;
use crate::listing::cut;

pub async fn call(
    ctx: Ctx,
    input: DescribeDBEngineVersionsMessage,
) -> Result<DBEngineVersionMessage, AwsError> {
    let snapshot = ctx.snapshot();
    let all = all_versions(&snapshot);
    let engine = input.engine.as_deref().unwrap_or("postgres");
    let asked = input.engine_version.as_deref();
    let default_only = input.default_only == Some(true);
    let fits = |version: &Version| {
        let text = version.to_string();
        let by_version = asked.is_none_or(|asked| {
            asked == text || (!asked.contains('.') && text.split('.').next() == Some(asked))
        });
        let family = input.db_parameter_group_family.as_deref();
        let by_family = family.is_none_or(|family| family == family_of(version.major));
        let major = asked.map(|_| version.major);
        let by_default = !default_only || newest(&snapshot, major) == Some(*version);
        engine == "postgres" && by_version && by_family && by_default
    };
    let found = all.iter().copied().filter(fits).collect();
    let place = |version: &Version| format!("{:04}.{:04}", version.major, version.minor);
    let (found, marker) = cut(found, place, input.marker.as_deref(), input.max_records)?;
    let shapes = found.into_iter().map(|version| shape(version, &all)).collect();
    Ok(DBEngineVersionMessage { db_engine_versions: Some(shapes), marker })
}

fn shape(version: Version, all: &[Version]) -> DBEngineVersion {
    let target = |to: &Version| UpgradeTarget {
        engine: Some("postgres".into()),
        engine_version: Some(to.to_string()),
        description: Some(format!("PostgreSQL {to}")),
        auto_upgrade: Some(false),
        is_major_version_upgrade: Some(to.major > version.major),
        ..UpgradeTarget::default()
    };
    let same_major = |to: &&Version| to.major == version.major && to.minor > version.minor;
    DBEngineVersion {
        engine: Some("postgres".into()),
        engine_version: Some(version.to_string()),
        major_engine_version: Some(version.major.to_string()),
        db_parameter_group_family: Some(family_of(version.major)),
        db_engine_description: Some("PostgreSQL".into()),
        db_engine_version_description: Some(format!("PostgreSQL {version}")),
        exportable_log_types: Some(vec!["postgresql".into(), "upgrade".into()]),
        status: Some("available".into()),
        supported_ca_certificate_identifiers: Some(
            AUTHORITIES.iter().map(|authority| (*authority).to_owned()).collect(),
        ),
        supports_certificate_rotation_without_restart: Some(true),
        supports_log_exports_to_cloudwatch_logs: Some(true),
        supports_read_replica: Some(false),
        valid_upgrade_target: Some(all.iter().filter(same_major).map(target).collect()),
        ..DBEngineVersion::default()
    }
}
