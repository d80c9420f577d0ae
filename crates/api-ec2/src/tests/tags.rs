//! Tags of any resource.

use neargate_testkit::{text, texts};
use serde_json::json;

use super::Cloud;

#[tokio::test]
async fn tags_come_and_go() {
    let cloud = Cloud::new();
    let (vpc, igw) = (
        cloud.vpc().await,
        cloud.get("CreateInternetGateway", json!({}), "internetGatewayId").await,
    );
    let input = json!({
        "ResourceId": [vpc, igw],
        "Tag": [{ "Key": "env", "Value": "dev" }, { "Key": "owner", "Value": "me" }],
    });
    cloud.call("CreateTags", input).await;
    let by_tag = json!({ "Filter": [{ "Name": "tag:env", "Value": ["d*"] }] });
    assert_eq!(texts(&cloud.call("DescribeVpcs", by_tag.clone()).await, "vpcId"), [vpc.as_str()]);
    let by_key = json!({ "Filter": [{ "Name": "tag-key", "Value": ["owner"] }] });
    let shown = cloud.call("DescribeInternetGateways", by_key).await;
    assert_eq!(texts(&shown, "internetGatewayId"), [igw.as_str()]);
    assert_eq!(texts(&cloud.call("DescribeTags", by_tag).await, "key"), ["env", "env"]);

    let other_value = json!({ "ResourceId": [vpc], "Tag": [{ "Key": "env", "Value": "prod" }] });
    cloud.call("DeleteTags", other_value).await;
    let with_value = json!({ "ResourceId": [vpc], "Tag": [{ "Key": "owner", "Value": "me" }] });
    cloud.call("DeleteTags", with_value).await;
    let of_vpc = json!({ "Filter": [{ "Name": "resource-type", "Value": ["vpc"] }] });
    let shown = cloud.call("DescribeTags", of_vpc.clone()).await;
    assert_eq!((text(&shown, "key"), text(&shown, "value")), ("env".into(), "dev".into()));
    cloud.call("DeleteTags", json!({ "ResourceId": [vpc] })).await;
    assert!(!cloud.call("DescribeTags", of_vpc).await.contains("<item>"));
}

#[tokio::test]
async fn what_tags_refuse() {
    let cloud = Cloud::new();
    let vpc = cloud.vpc().await;
    let tag = |key: &str| json!({ "ResourceId": [vpc], "Tag": [{ "Key": key, "Value": "x" }] });
    let unknown = json!({ "ResourceId": ["thing-1"], "Tag": [{ "Key": "a", "Value": "b" }] });
    let absent = json!({ "ResourceId": ["subnet-0"], "Tag": [{ "Key": "a", "Value": "b" }] });
    let many: Vec<_> = (0..51).map(|n| json!({ "Key": format!("k{n}"), "Value": "" })).collect();
    let many = json!({ "ResourceId": [vpc], "Tag": many });
    for (input, code) in [
        (tag("aws:mine"), "InvalidParameterValue"),
        (tag(&"k".repeat(128)), "InvalidParameterValue"),
        (unknown, "InvalidID"),
        (absent, "InvalidSubnetID.NotFound"),
        (many, "TagLimitExceeded"),
    ] {
        let refused = cloud.refused("CreateTags", input).await;
        assert!(refused.starts_with(code), "{refused}");
    }
    let wrong_type = json!({
        "CidrBlock": "10.0.0.0/16",
        "TagSpecification": [{ "ResourceType": "subnet", "Tag": [{ "Key": "a", "Value": "b" }] }],
    });
    let refused = cloud.refused("CreateVpc", wrong_type).await;
    assert!(refused.contains("'subnet' is not a valid taggable resource type"), "{refused}");
}
