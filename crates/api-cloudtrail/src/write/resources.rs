//! The resources that a call names, as LookupEvents finds them: which members
//! of which services are names of what. Pure.

/// The type of what the member of this name holds. EC2's outputs spell in lower
/// case what its inputs have in upper case.
pub fn resource_type(service: &str, member: &str) -> Option<&'static str> {
    if service != "ec2" {
        return named(service, member);
    }
    let (first, rest) = member.split_at_checked(1)?;
    named(service, &(first.to_ascii_uppercase() + rest))
}

fn named(service: &str, member: &str) -> Option<&'static str> {
    Some(match (service, member) {
        ("ecs", "cluster" | "clusterName") => "AWS::ECS::Cluster",
        ("ecs", "service" | "serviceName" | "serviceArn") => "AWS::ECS::Service",
        ("ecs", "taskDefinition" | "taskDefinitionArn") => "AWS::ECS::TaskDefinition",
        ("ecs", "family") => "AWS::ECS::TaskDefinition",
        ("ec2", "VpcId") => "AWS::EC2::VPC",
        ("ec2", "SubnetId") => "AWS::EC2::Subnet",
        ("ec2", "GroupId") => "AWS::EC2::SecurityGroup",
        ("ec2", "RouteTableId") => "AWS::EC2::RouteTable",
        ("ec2", "InternetGatewayId") => "AWS::EC2::InternetGateway",
        ("ec2", "NatGatewayId") => "AWS::EC2::NatGateway",
        ("ec2", "NetworkInterfaceId") => "AWS::EC2::NetworkInterface",
        ("ec2", "NetworkAclId") => "AWS::EC2::NetworkAcl",
        ("ec2", "AllocationId") => "AWS::EC2::EIP",
        ("ec2", "VpcEndpointId") => "AWS::EC2::VPCEndpoint",
        ("elbv2", "LoadBalancerArn") => "AWS::ElasticLoadBalancingV2::LoadBalancer",
        ("elbv2", "TargetGroupArn") => "AWS::ElasticLoadBalancingV2::TargetGroup",
        ("elbv2", "ListenerArn") => "AWS::ElasticLoadBalancingV2::Listener",
        ("iam", "RoleName") => "AWS::IAM::Role",
        ("iam", "PolicyArn") => "AWS::IAM::Policy",
        ("sts", "RoleArn") => "AWS::IAM::Role",
        ("rds", "DBInstanceIdentifier") => "AWS::RDS::DBInstance",
        ("rds", "DBSubnetGroupName") => "AWS::RDS::DBSubnetGroup",
        ("rds", "DBSnapshotIdentifier") => "AWS::RDS::DBSnapshot",
        ("rds", "DBParameterGroupName") => "AWS::RDS::DBParameterGroup",
        ("secretsmanager", "SecretId" | "ARN") => "AWS::SecretsManager::Secret",
        ("kms", "KeyId" | "TargetKeyId") => "AWS::KMS::Key",
        ("kms", "AliasName") => "AWS::KMS::Alias",
        ("logs", "logGroupName") => "AWS::Logs::LogGroup",
        ("ecr", "repositoryName") => "AWS::ECR::Repository",
        ("acm", "CertificateArn") => "AWS::CertificateManager::Certificate",
        ("events", "EventBusName" | "EventBusArn") => "AWS::Events::EventBus",
        ("events", "Rule" | "RuleArn") => "AWS::Events::Rule",
        ("sns", "TopicArn") => "AWS::SNS::Topic",
        ("cloudwatch", "AlarmName") => "AWS::CloudWatch::Alarm",
        ("cloudwatch", "DashboardName") => "AWS::CloudWatch::Dashboard",
        ("cloudtrail", "TrailName" | "TrailARN") => "AWS::CloudTrail::Trail",
        ("cloudtrail", "S3BucketName") => "AWS::S3::Bucket",
        ("ssm", "Name") => "AWS::SSM::Parameter",
        ("wafv2", "WebACLArn") => "AWS::WAFv2::WebACL",
        _ => return None,
    })
}
