//! Holds the crates' dependencies against the reviewed picture of ARCHITECTURE.md:
//! each kind may use the kinds below it, and a hand no other hand.

use std::collections::BTreeMap;
use std::path::Path;

/// The kinds, lowest first. A crate may depend on lower kinds, and on its own where `among` says so.
const KINDS: [(&str, &[&str], bool); 9] = [
    ("words", &["ids", "sigv4", "wire", "session", "api-types", "model", "hcl"], true),
    ("memory", &["store", "loglines", "eventlog", "series", "blobs", "vault"], false),
    ("brains", &["plan", "rules", "logquery", "metricmath", "chart", "cost", "authz"], false),
    ("clients", &["aws-client"], false),
    ("engine", &["stack", "provider-aws", "lint"], true),
    ("hands", &["runtime", "net", "lb", "postgres", "images", "registry"], false),
    ("services", &["api"], true),
    (
        "loops",
        &[
            "reconcile",
            "balancers",
            "databases",
            "trails",
            "bridge",
            "monitoring",
            "scaling",
            "logmetrics",
            "notifications",
            "image-source",
        ],
        true,
    ),
    ("people", &["edge", "metadata", "neargate", "testkit", "sim"], true),
];

/// What does not fit the order, and why it is right.
const EXCEPTIONS: [(&str, &str); 3] = [
    // A record says which table it lives in.
    ("model", "store"),
    // The registry serves the images' manifests, and pushes are tested with the images' pull.
    ("registry", "images"),
    ("images", "registry"),
];

fn kind(name: &str) -> usize {
    let of_service = name.starts_with("api-") && name != "api-types";
    let name = if of_service { "api" } else { name };
    let found = KINDS.iter().position(|(_, crates, _)| crates.contains(&name));
    found.unwrap_or_else(|| panic!("{name} has no kind: add it here and to ARCHITECTURE.md"))
}

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("crates/");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(crates).expect("crates/ is there") {
        let path = entry.expect("a readable directory").path();
        let Ok(manifest) = std::fs::read_to_string(path.join("Cargo.toml")) else { continue };
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let normal = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        let used = normal
            .lines()
            .filter_map(|line| line.strip_prefix("neargate-"))
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .map(str::to_owned)
            .collect();
        found.insert(name, used);
    }
    found
}

#[test]
fn dependencies_point_one_way() {
    let mut wrong = Vec::new();
    for (name, used) in dependencies() {
        for other in used {
            let (from, to) = (kind(&name), kind(&other));
            let among = KINDS[from].2;
            let allowed = to < from || (to == from && among);
            if !allowed && !EXCEPTIONS.contains(&(name.as_str(), other.as_str())) {
                wrong.push(format!("{name} ({}) uses {other} ({})", KINDS[from].0, KINDS[to].0));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
