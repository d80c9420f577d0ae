//! The policies that AWS itself keeps and stacks like ours attach: their documents
//! as AWS publishes them, each a file under `policies/`. All of them are read only.

/// A policy of AWS's own.
#[derive(Debug)]
pub struct AwsManaged {
    pub name: &'static str,
    pub path: &'static str,
    /// The one version that we have: AWS's present one.
    pub version: &'static str,
    pub created_at: &'static str,
    pub updated_at: &'static str,
    pub document: &'static str,
}

/// `arn:aws:iam::aws:policy/…`: what every ARN of such a policy begins with.
pub const PREFIX: &str = "arn:aws:iam::aws:policy/";

impl AwsManaged {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::aws:policy{}{}", self.path, self.name)
    }

    /// An id that stays the same: AWS's own are not published.
    pub fn policy_id(&self) -> String {
        let mut hash: u128 = 0xcbf2_9ce4_8422_2325;
        for byte in self.name.bytes() {
            hash = (hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_01b3_0000_0001);
        }
        let digit = |i: u32| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[((hash >> (i * 5)) % 32) as usize];
        let id: String = (0..17).map(|i| char::from(digit(i))).collect();
        format!("ANPA{id}")
    }
}

/// The policy with exactly this ARN.
pub fn find(arn: &str) -> Option<&'static AwsManaged> {
    ALL.iter().find(|policy| arn.starts_with(PREFIX) && policy.arn() == arn)
}

macro_rules! managed {
    ($name:literal, $path:literal, $version:literal, $created:literal, $updated:literal) => {
        AwsManaged {
            name: $name,
            path: $path,
            version: $version,
            created_at: $created,
            updated_at: $updated,
            document: include_str!(concat!("../policies/", $name, ".json")),
        }
    };
}

/// All of them, by name.
pub static ALL: &[AwsManaged] = &[
    managed!(
        "AWSApplicationAutoscalingECSServicePolicy",
        "/aws-service-role/",
        "v3",
        "2017-10-25T23:53:08Z",
        "2026-05-20T21:27:13Z"
    ),
    managed!("AWSCodeDeployRoleForECS", "/", "v3", "2018-11-27T20:40:57Z", "2019-09-23T22:37:46Z"),
    managed!(
        "AWSCodeDeployRoleForECSLimited",
        "/",
        "v3",
        "2018-11-27T20:42:42Z",
        "2019-09-23T22:10:29Z"
    ),
    managed!(
        "AWSElasticLoadBalancingServiceRolePolicy",
        "/aws-service-role/",
        "v14",
        "2017-09-19T22:19:04Z",
        "2026-02-12T17:58:08Z"
    ),
    managed!(
        "AWSLambdaBasicExecutionRole",
        "/service-role/",
        "v1",
        "2015-04-09T15:03:43Z",
        "2015-04-09T15:03:43Z"
    ),
    managed!("AWSXRayDaemonWriteAccess", "/", "v2", "2018-08-28T23:00:33Z", "2024-02-13T21:58:30Z"),
    managed!("AdministratorAccess", "/", "v1", "2015-02-06T18:39:46Z", "2015-02-06T18:39:46Z"),
    managed!(
        "AmazonDynamoDBFullAccess",
        "/",
        "v15",
        "2015-02-06T18:40:11Z",
        "2021-01-29T17:38:30Z"
    ),
    managed!(
        "AmazonDynamoDBReadOnlyAccess",
        "/",
        "v15",
        "2015-02-06T18:40:12Z",
        "2024-11-18T17:38:15Z"
    ),
    managed!(
        "AmazonEC2ContainerRegistryFullAccess",
        "/",
        "v3",
        "2015-12-21T17:06:48Z",
        "2020-12-05T00:04:19Z"
    ),
    managed!(
        "AmazonEC2ContainerRegistryPowerUser",
        "/",
        "v3",
        "2015-12-21T17:05:33Z",
        "2019-12-10T20:48:08Z"
    ),
    managed!(
        "AmazonEC2ContainerRegistryReadOnly",
        "/",
        "v3",
        "2015-12-21T17:04:15Z",
        "2019-12-10T20:56:32Z"
    ),
    managed!(
        "AmazonEC2ContainerServiceAutoscaleRole",
        "/service-role/",
        "v2",
        "2016-05-12T23:25:44Z",
        "2018-02-05T19:15:15Z"
    ),
    managed!(
        "AmazonEC2ContainerServiceEventsRole",
        "/service-role/",
        "v3",
        "2017-05-30T16:51:35Z",
        "2023-03-06T22:25:12Z"
    ),
    managed!("AmazonEC2ReadOnlyAccess", "/", "v5", "2015-02-06T18:40:17Z", "2026-02-12T18:03:17Z"),
    managed!(
        "AmazonECSInfrastructureRolePolicyForLoadBalancers",
        "/",
        "v6",
        "2025-07-17T16:37:07Z",
        "2026-02-12T18:01:05Z"
    ),
    managed!(
        "AmazonECSInfrastructureRolePolicyForVolumes",
        "/service-role/",
        "v5",
        "2024-01-10T22:56:41Z",
        "2026-02-12T18:02:34Z"
    ),
    managed!(
        "AmazonECSServiceRolePolicy",
        "/aws-service-role/",
        "v24",
        "2017-10-14T01:18:58Z",
        "2026-04-22T23:12:09Z"
    ),
    managed!(
        "AmazonECSTaskExecutionRolePolicy",
        "/service-role/",
        "v1",
        "2017-11-16T18:48:22Z",
        "2017-11-16T18:48:22Z"
    ),
    managed!("AmazonECS_FullAccess", "/", "v22", "2017-11-07T21:36:54Z", "2026-09-02T14:47:07Z"),
    managed!(
        "AmazonRDSEnhancedMonitoringRole",
        "/service-role/",
        "v1",
        "2015-11-11T19:58:29Z",
        "2015-11-11T19:58:29Z"
    ),
    managed!("AmazonRDSReadOnlyAccess", "/", "v7", "2015-02-06T18:40:53Z", "2023-04-14T12:32:09Z"),
    managed!(
        "AmazonRDSServiceRolePolicy",
        "/aws-service-role/",
        "v14",
        "2018-01-08T18:17:46Z",
        "2024-07-01T22:42:05Z"
    ),
    managed!("AmazonS3FullAccess", "/", "v2", "2015-02-06T18:40:58Z", "2021-09-27T20:16:37Z"),
    managed!("AmazonS3ReadOnlyAccess", "/", "v3", "2015-02-06T18:40:59Z", "2023-08-10T21:31:39Z"),
    managed!("AmazonSNSFullAccess", "/", "v2", "2015-02-06T18:41:05Z", "2024-09-24T22:32:05Z"),
    managed!("AmazonSQSFullAccess", "/", "v1", "2015-02-06T18:41:07Z", "2015-02-06T18:41:07Z"),
    managed!(
        "AmazonSSMManagedInstanceCore",
        "/",
        "v2",
        "2019-03-15T17:22:12Z",
        "2019-05-23T16:54:21Z"
    ),
    managed!("AmazonSSMReadOnlyAccess", "/", "v1", "2015-05-29T17:44:19Z", "2015-05-29T17:44:19Z"),
    managed!("AmazonVPCReadOnlyAccess", "/", "v12", "2015-02-06T18:41:17Z", "2026-02-12T17:58:19Z"),
    managed!(
        "CloudWatchAgentServerPolicy",
        "/",
        "v3",
        "2018-03-07T01:06:44Z",
        "2024-02-06T16:37:37Z"
    ),
    managed!("CloudWatchFullAccess", "/", "v4", "2015-02-06T18:40:00Z", "2022-11-27T13:23:49Z"),
    managed!("CloudWatchLogsFullAccess", "/", "v8", "2015-02-06T18:40:02Z", "2026-02-12T18:00:33Z"),
    managed!(
        "CloudWatchLogsReadOnlyAccess",
        "/",
        "v12",
        "2015-02-06T18:40:03Z",
        "2026-02-12T17:59:13Z"
    ),
    managed!(
        "CloudWatchReadOnlyAccess",
        "/",
        "v25",
        "2015-02-06T18:40:01Z",
        "2026-09-22T16:57:07Z"
    ),
    managed!("IAMReadOnlyAccess", "/", "v4", "2015-02-06T18:40:39Z", "2018-01-25T19:11:27Z"),
    managed!("PowerUserAccess", "/", "v12", "2015-02-06T18:39:47Z", "2026-02-12T17:59:14Z"),
    managed!("SecretsManagerReadWrite", "/", "v6", "2018-04-04T18:05:29Z", "2026-08-25T23:37:10Z"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use neargate_authz::{Kind, Policy};

    #[test]
    fn every_document_is_a_policy() {
        for policy in ALL {
            let parsed = Policy::parse(policy.document, Kind::Identity);
            assert!(parsed.is_ok(), "{}: {parsed:?}", policy.name);
        }
    }

    #[test]
    fn arns_and_ids_tell_them_apart() {
        let arns: BTreeSet<_> = ALL.iter().map(AwsManaged::arn).collect();
        let ids: BTreeSet<_> = ALL.iter().map(AwsManaged::policy_id).collect();
        assert_eq!((arns.len(), ids.len()), (ALL.len(), ALL.len()));
        let execution = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
        assert!(find(execution).is_some());
        assert!(find("arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy").is_none());
    }
}
