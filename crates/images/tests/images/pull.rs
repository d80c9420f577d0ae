//! Pulling: what travels, what is tried again, and what the user is told.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use neargate_blobs::{Blobs, Digest};
use neargate_images::{
    ImageError, ImageReference, Named, Names, Progress, Proxies, Pulled, Puller, PullerConfig,
    RegistryCredentials,
};

use crate::fake_registry::{Asked, FakeRegistry, Reply, reply, serve_image};
use crate::image::{ARCH, Image, Layer, OTHER_ARCH};

struct Bench {
    _dir: tempfile::TempDir,
    blobs: Blobs,
    names: Names,
    puller: Puller,
}

fn bench(mirrors: &[(&str, String)]) -> Bench {
    bench_behind(Proxies::default(), mirrors)
}

fn bench_behind(proxies: Proxies, mirrors: &[(&str, String)]) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
    let names = Names::open(dir.path().join("names.json")).unwrap();
    let mirrors = mirrors.iter().map(|(name, url)| (name.to_string(), url.clone())).collect();
    let puller =
        Puller::new(blobs.clone(), names.clone(), PullerConfig { mirrors, proxies }).unwrap();
    Bench { _dir: dir, blobs, names, puller }
}

impl Bench {
    async fn pull(&self, reference: &str) -> Result<Pulled, ImageError> {
        let reference: ImageReference = reference.parse().unwrap();
        self.puller.pull(&reference, None, &|_| {}).await
    }

    async fn reason(&self, reference: &str) -> String {
        self.pull(reference).await.unwrap_err().stopped_reason()
    }
}

fn image() -> Image {
    let noise: String = (0..600_000u64)
        .map(|i| char::from(b'a' + (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 59) as u8 % 26))
        .collect();
    let small = |name: &str| Layer::new().file(name, name).tar();
    let tars = vec![Layer::new().file("noise", &noise).tar(), small("b"), small("c"), small("d")];
    Image::gzipped(ARCH, tars)
}

async fn serving(image: Image) -> FakeRegistry {
    FakeRegistry::answering(move |asked| serve_image(&image, asked)).await
}

/// A port where nobody listens.
async fn closed() -> SocketAddr {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn everything_is_fetched_once() {
    let (bench, image) = (bench(&[]), image());
    let (digest, all) = (image.digest(), image.blobs());
    let registry = serving(image).await;
    let reference: ImageReference = format!("{}/team/app", registry.address).parse().unwrap();
    let lines: Mutex<Vec<Progress>> = Mutex::default();
    let note = |progress: &Progress| lines.lock().unwrap().push(progress.clone());
    let pulled = bench.puller.pull(&reference, None, &note).await.unwrap();
    assert_eq!(pulled, Pulled { digest, stale: None });
    for blob in &all {
        assert!(bench.blobs.size(&Digest::of(blob)).await.unwrap().is_some());
    }
    let lines = lines.into_inner().unwrap();
    assert_eq!(lines[0].to_string(), format!("{reference}: resolving"));
    let last = lines.last().unwrap();
    assert_eq!((last.blobs_done, last.blobs, last.complete), (5, 5, true));
    assert_eq!(last.bytes_done, last.bytes);
    assert!(last.to_string().starts_with(&format!("{reference}: pulled, 0.")), "{last}");
    // HEAD and GET of the manifest, the configuration, four layers.
    assert_eq!(registry.log().len(), 7);

    bench.pull(&reference.to_string()).await.unwrap();
    assert_eq!(registry.log()[7..], ["HEAD /v2/team/app/manifests/latest"]);
    let by_digest = format!("{}/team/app@{digest}", registry.address);
    bench.pull(&by_digest).await.unwrap();
    assert_eq!(registry.log().len(), 8, "a digest that is here needs no registry");
}

#[tokio::test]
async fn two_pulls_of_one_image_share_their_fetches() {
    let bench = bench(&[]);
    let registry = serving(image()).await;
    let reference = format!("{}/app", registry.address);
    let reference: ImageReference = reference.parse().unwrap();
    let pulls: Vec<_> = (0..4)
        .map(|_| {
            let (puller, reference) = (bench.puller.clone(), reference.clone());
            tokio::spawn(async move { puller.pull(&reference, None, &|_| {}).await })
        })
        .collect();
    for pull in pulls {
        pull.await.unwrap().unwrap();
    }
    let mut blobs: Vec<String> =
        registry.log().into_iter().filter(|line| line.contains("/blobs/")).collect();
    let fetches = blobs.len();
    blobs.sort();
    blobs.dedup();
    assert_eq!((fetches, blobs.len()), (5, 5));
}

#[tokio::test]
async fn a_layer_that_breaks_off_goes_on_where_it_broke() {
    let (bench, image) = (bench(&[]), image());
    let large = image.layers[0].clone();
    let digest = Digest::of(&large).to_string();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let through = listener.local_addr().unwrap();
    let asked_ranges: Arc<Mutex<Vec<String>>> = Arc::default();
    let registry = {
        let (asked_ranges, digest) = (asked_ranges.clone(), digest.clone());
        FakeRegistry::answering(move |asked: &Asked| {
            if asked.path.ends_with(&digest) {
                asked_ranges.lock().unwrap().push(asked.header("range").to_string());
                if asked.header("range").is_empty() {
                    // Sent to a place that breaks in the middle of the blob.
                    let there = format!("http://{through}/part");
                    return Some(reply(307, &[("location", &there)], ""));
                }
            }
            serve_image(&image, asked)
        })
        .await
    };
    let half = large[..large.len() / 2].to_vec();
    let breaking = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let read = stream.read(&mut request).await.unwrap();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", half.len() * 2);
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&half).await.unwrap();
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    bench.pull(&format!("{}/app", registry.address)).await.unwrap();
    let request = breaking.await.unwrap();
    assert!(!request.to_lowercase().contains("authorization"), "{request}");
    let half = large.len() / 2;
    assert_eq!(*asked_ranges.lock().unwrap(), [String::new(), format!("bytes={half}-")]);
}

#[tokio::test]
async fn a_token_is_fetched_where_the_registry_says() {
    let (bench, image) = (bench(&[]), image());
    let registry = FakeRegistry::answering(move |asked: &Asked| {
        if let Some(query) = asked.path.strip_prefix("/token?") {
            assert_eq!(query, "scope=repository:team/app:pull&service=the%20service");
            // user:secret
            assert_eq!(asked.header("authorization"), "Basic dXNlcjpzZWNyZXQ=");
            return Some(reply(200, &[], r#"{"token":"t0k"}"#));
        }
        if asked.header("authorization") != "Bearer t0k" {
            let realm = format!("http://{}/token", asked.header("host"));
            let challenge = format!(
                r#"Bearer realm="{realm}",service="the service",scope="repository:team/app:pull""#
            );
            return Some(reply(401, &[("www-authenticate", &challenge)], ""));
        }
        serve_image(&image, asked)
    })
    .await;
    let reference = format!("{}/team/app", registry.address).parse().unwrap();
    let credentials =
        Some(RegistryCredentials { username: "user".into(), password: "secret".into() });
    bench.puller.pull(&reference, credentials, &|_| {}).await.unwrap();
    let tokens = registry.log().iter().filter(|line| line.contains("/token")).count();
    assert_eq!(tokens, 1);
}

#[tokio::test]
async fn no_is_believed_at_once_and_told_in_awss_words() {
    let bench = bench(&[]);
    let answers = |answer: fn(&Asked) -> Reply| FakeRegistry::answering(move |a| Some(answer(a)));
    let registry = answers(|_| reply(404, &[], "")).await;
    let name = format!("{}/app:v9", registry.address);
    assert_eq!(
        bench.reason(&name).await,
        format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {name}: {name}: not found"
        )
    );
    assert_eq!(registry.log().len(), 1);

    let scope = r#"Bearer realm="http://HOST/token",error="insufficient_scope""#;
    let registry = FakeRegistry::answering(move |asked: &Asked| {
        if asked.path.starts_with("/token") {
            return Some(reply(200, &[], r#"{"access_token":"x"}"#));
        }
        let challenge = scope.replace("HOST", asked.header("host"));
        Some(reply(401, &[("www-authenticate", &challenge)], ""))
    })
    .await;
    let name = format!("{}/app:latest", registry.address);
    assert_eq!(
        bench.reason(&name).await,
        format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {name}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
        )
    );

    let registry = answers(|_| reply(401, &[("www-authenticate", "Basic realm=x")], "")).await;
    let reason = bench.reason(&format!("{}/app", registry.address)).await;
    assert!(reason.ends_with("authorization failed: no basic auth credentials"), "{reason}");

    let registry = answers(|_| reply(403, &[], "")).await;
    let reason = bench.reason(&format!("{}/app", registry.address)).await;
    let host = registry.address;
    assert!(
        reason.ends_with(&format!(
            "pulling from host {host} failed with status code [manifests latest]: 403 Forbidden"
        )),
        "{reason}"
    );
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let (bench, image) = (bench(&[]), image());
    let tries = AtomicUsize::new(0);
    let registry =
        FakeRegistry::answering(move |asked: &Asked| match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Some(reply(503, &[], "")),
            1 => None,
            _ => serve_image(&image, asked),
        })
        .await;
    bench.pull(&format!("{}/app", registry.address)).await.unwrap();

    let limit = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}"#;
    let image = crate::pull::image();
    let layer = Digest::of(&image.layers[1]).to_string();
    let registry = FakeRegistry::answering(move |asked: &Asked| {
        if asked.path.ends_with(&layer) {
            Some(reply(429, &[], limit))
        } else {
            serve_image(&image, asked)
        }
    })
    .await;
    let fresh = crate::pull::bench(&[]);
    let reason = fresh.reason(&format!("{}/app", registry.address)).await;
    assert!(reason.starts_with("CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: unexpected status from GET request to http://"), "{reason}");
    assert!(
        reason.ends_with("429 Too Many Requests - Server message: toomanyrequests: slow down"),
        "{reason}"
    );
}

#[tokio::test]
async fn without_a_registry_what_is_here_is_used() {
    let (bench, image) = (bench(&[]), image());
    let nowhere = closed().await;
    let name = format!("{nowhere}/app:latest");
    let reason = bench.reason(&name).await;
    assert_eq!(
        reason,
        format!(
            "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {name}: failed to do request: Head \"http://{nowhere}/v2/app/manifests/latest\": dial tcp {nowhere}: connect: connection refused"
        )
    );
    let digest = image.store(&bench.blobs).await;
    let reference: ImageReference = name.parse().unwrap();
    bench.names.set(&reference, Named { digest, loaded: false }).unwrap();
    let pulled = bench.pull(&name).await.unwrap();
    assert_eq!(pulled.digest, digest);
    assert!(pulled.stale.unwrap().contains("connection refused"));
    bench.names.set(&reference, Named { digest, loaded: true }).unwrap();
    assert_eq!(bench.pull(&name).await.unwrap(), Pulled { digest, stale: None });
}

#[tokio::test]
async fn a_mirror_is_asked_first() {
    let image = image();
    let digest = image.digest();
    let mirror = serving(image).await;
    let bench = bench(&[("docker.io", format!("http://{}/", mirror.address))]);
    assert_eq!(bench.pull("nginx").await.unwrap().digest, digest);
    assert!(mirror.log().iter().all(|line| line.contains(" /v2/library/nginx/")));

    // What the mirror lacks, the registry itself may have.
    let origin = serving(crate::pull::image()).await;
    let empty = FakeRegistry::answering(|_| Some(reply(404, &[], ""))).await;
    let host = origin.address.to_string();
    let bench = crate::pull::bench(&[(&host, format!("http://{}", empty.address))]);
    assert_eq!(bench.pull(&format!("{host}/app")).await.unwrap().digest, digest);
    assert_eq!(empty.log(), ["HEAD /v2/app/manifests/latest"]);
}

#[tokio::test]
async fn an_image_for_another_machine() {
    let bench = bench(&[]);
    let other = Image::gzipped(OTHER_ARCH, vec![Layer::new().file("a", "a").tar()]);
    let index = crate::image::index(&[(OTHER_ARCH, &other)]);
    let registry = FakeRegistry::answering(move |asked: &Asked| {
        if !asked.path.contains("/manifests/") {
            return serve_image(&other, asked);
        }
        let digest = Digest::of(&index).to_string();
        let headers = [
            ("content-type", neargate_images::media::OCI_INDEX),
            ("docker-content-digest", &digest),
        ];
        Some(reply(200, &headers, index.clone()))
    })
    .await;
    assert_eq!(
        bench.reason(&format!("{}/app", registry.address)).await,
        format!(
            "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/{ARCH}'"
        )
    );
}

#[tokio::test]
async fn bytes_that_are_not_the_image_are_not_kept() {
    let (bench, image) = (bench(&[]), image());
    let layer = Digest::of(&image.layers[2]);
    let text = layer.to_string();
    let registry = FakeRegistry::answering(move |asked: &Asked| {
        if asked.path.ends_with(&text) {
            Some(reply(200, &[], "junk"))
        } else {
            serve_image(&image, asked)
        }
    })
    .await;
    let reason = bench.reason(&format!("{}/app", registry.address)).await;
    assert!(reason.contains(&format!("{layer} was expected")), "{reason}");
    assert_eq!(bench.blobs.size(&layer).await.unwrap(), None);
}

#[tokio::test]
async fn other_machines_are_reached_through_the_proxy() {
    let image = image();
    let digest = image.digest();
    let registry = serving(image).await;
    let (target, listener) =
        (registry.address, tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap());
    let proxy = listener.local_addr().unwrap();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = asked.clone();
    let serving = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.unwrap());
            }
            log.lock().unwrap().push(String::from_utf8(head).unwrap());
            let mut server = tokio::net::TcpStream::connect(target).await.unwrap();
            client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    let proxies = Proxies::all(&format!("http://me:secret@{proxy}"), "direct.invalid");
    let mirrors = [("docker.io", "http://far.invalid".to_string())];
    let bench = bench_behind(proxies, &mirrors);
    assert_eq!(bench.pull("nginx").await.unwrap().digest, digest);
    let first = asked.lock().unwrap()[0].to_lowercase();
    assert!(first.starts_with("connect far.invalid:80 http/1.1"), "{first}");
    assert!(first.contains("proxy-authorization: basic bwu6c2vjcmv0"), "{first}");

    let through = asked.lock().unwrap().len();
    bench.pull(&format!("{}/app", registry.address)).await.unwrap();
    assert!(bench.reason("direct.invalid/app").await.contains("direct.invalid"));
    assert_eq!(asked.lock().unwrap().len(), through, "this machine and exceptions go directly");
    serving.abort();
}
