//! What is told of images.

use expect_test::expect;
use neargate_api::model::ecr::Image;
use serde_json::Value;

use super::{REGION, World, image};

#[tokio::test]
async fn pushes_and_deletions_of_images_are_told() {
    let world = World::new().await;
    world.everything().await;
    world.write(|tx| tx.put(image("sha256:1", &["latest"]))).await;
    world
        .check_last(expect![[r#"
        {
          "account": "000000000000",
          "detail": {
            "action-type": "PUSH",
            "image-digest": "sha256:1",
            "image-tag": "latest",
            "repository-name": "app",
            "result": "SUCCESS"
          },
          "detail-type": "ECR Image Action",
          "id": "b3f2af6d-0fc7-40c5-853b-559647364cea",
          "region": "us-west-2",
          "resources": [],
          "source": "aws.ecr",
          "time": "2026-01-02T03:04:05Z",
          "version": "0"
        }"#]])
        .await;
    // The tag moves to another image, and then is deleted.
    world
        .write(|tx| {
            tx.put(image("sha256:1", &[]));
            tx.put(image("sha256:2", &["latest", "v2"]));
        })
        .await;
    world.write(|tx| tx.put(image("sha256:2", &["v2"]))).await;
    world.write(|tx| drop(tx.delete::<Image>(&Image::key_of(REGION, "app", "sha256:1")))).await;
    let told: Vec<String> = world
        .lines()
        .await
        .iter()
        .map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| event["detail"][name].as_str().unwrap_or("-").to_owned();
            [text("action-type"), text("image-digest"), text("image-tag")].join(" ")
        })
        .collect();
    expect![[r#"
        PUSH sha256:1 latest
        PUSH sha256:2 latest
        PUSH sha256:2 v2
        DELETE sha256:2 latest
        DELETE sha256:1 -"#]]
    .assert_eq(&told.join("\n"));
}
