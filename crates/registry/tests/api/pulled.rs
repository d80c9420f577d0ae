//! Both ends of the wire are ours: what was pushed here is pulled from here.

use neargate_blobs::Blobs;
use neargate_images::{ImageReference, Names, Puller, PullerConfig, RegistryCredentials};

use crate::skopeo::{copy, source};
use crate::support::serve;

#[tokio::test]
async fn our_puller_pulls_from_our_registry() {
    let server = serve().await;
    let image = format!("docker://{}/team/app:v1", server.address);
    copy(&source(&server), &image, &["--all"]).await.unwrap();

    let here = server.dir.path();
    let blobs = Blobs::open(here.join("elsewhere")).unwrap();
    let names = Names::open(here.join("names.json")).unwrap();
    let puller = Puller::new(blobs.clone(), names, PullerConfig::default()).unwrap();
    let pull = |reference: String, password: Option<&str>| {
        let credentials = password.map(|password| RegistryCredentials {
            username: "AWS".into(),
            password: password.into(),
        });
        let (puller, reference) = (&puller, reference.parse::<ImageReference>().unwrap());
        async move { puller.pull(&reference, credentials, &|_| {}).await }
    };
    let reference = format!("{}/team/app:v1", server.address);
    let denied = pull(reference.clone(), None).await.unwrap_err().stopped_reason();
    assert!(denied.ends_with("authorization failed: no basic auth credentials"), "{denied}");
    let expired = pull(reference.clone(), Some("expired")).await.unwrap_err().stopped_reason();
    assert!(expired.ends_with("[manifests v1]: 403 Forbidden"), "{expired}");

    let pulled = pull(reference, Some("token")).await.unwrap();
    // The index, this platform's manifest and configuration, and the layer.
    assert_eq!(blobs.list().await.unwrap().len(), 4);
    assert!(blobs.size(&pulled.digest).await.unwrap().is_some());
    let absent = format!("{}/team/app:v2", server.address);
    let reason = pull(absent.clone(), Some("token")).await.unwrap_err().stopped_reason();
    assert!(reason.ends_with(&format!("failed to resolve ref {absent}: {absent}: not found")));
}
