//! The provider for a look at a configuration that asks nobody: no cloud, no credentials, nothing
//! made. What AWS would decide of an object (ids, ARNs, addresses) is imagined in AWS's forms, each
//! object's its own, so that values go where they would go and can be compared: which subnet a
//! service is in, which secret a policy allows. Numbers, flags and blocks stay unknown.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use neargate_aws_client::{Client, Config, Credentials, Endpoints, Identity, RetryPolicy};
use neargate_hcl::{Diagnostic, Type, Value};
use neargate_ids::{Clock, Rng};
use neargate_stack::address::Mode;
use neargate_stack::provider::Provider;
use neargate_stack::provider::{Applied, Configured, Object, PlanRequest, Planned, Problems};
use neargate_stack::schema::{BlockSchema, Schema, aws};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::configured::{Session, to_attributes};
use crate::plan::plan;
use crate::resource::Facts;
use crate::resources;

/// As documentation writes an account.
const ACCOUNT: &str = "123456789012";

/// See the file.
pub struct Imagined {
    /// Where a `provider` block says none.
    region: String,
    clock: Clock,
    rng: Rng,
}

impl Imagined {
    pub fn new(region: impl Into<String>, rng: Rng, clock: Clock) -> Self {
        Imagined { region: region.into(), clock, rng }
    }
}

#[async_trait]
impl Provider for Imagined {
    fn schema(&self, mode: Mode, of_type: &str) -> Option<Arc<Schema>> {
        aws().get(mode, of_type)
    }

    fn types(&self, mode: Mode) -> Vec<String> {
        aws().names(mode).map(str::to_owned).collect()
    }

    fn config_schema(&self) -> Arc<Schema> {
        aws().provider()
    }

    async fn configure(&self, config: Value) -> Result<Arc<dyn Configured>, Problems> {
        let config = to_attributes(config);
        let region = config.string("region").unwrap_or_else(|| self.region.clone());
        let client = Client::new(Config {
            region: region.clone(),
            endpoints: Endpoints::at("http://127.0.0.1:9"),
            credentials: Credentials::fixed(Identity::lasting("nobody", "nothing")),
            retry: RetryPolicy { attempts: 1, ..RetryPolicy::default() },
            at_once: 1,
            clock: self.clock.clone(),
            rng: self.rng.clone(),
        });
        let client = client
            .map_err(|error| vec![Diagnostic::error("TLS cannot be set up", error.to_string())])?;
        let default_tags: BTreeMap<String, String> =
            config.block("default_tags").map(|block| block.map("tags")).unwrap_or_default();
        let cloud = Cloud {
            client,
            account: ACCOUNT.to_owned(),
            caller_arn: format!("arn:aws:iam::{ACCOUNT}:user/nobody"),
            user_id: "AIDANOBODY".to_owned(),
            default_tags: default_tags.clone(),
            rng: self.rng.clone(),
            clock: self.clock.clone(),
            limit: None,
            mark: None,
        };
        let (session, made) = (Session::new(cloud), AtomicUsize::new(0));
        Ok(Arc::new(Nowhere { session, region, default_tags, made }))
    }
}

/// The configured provider of no cloud.
struct Nowhere {
    session: Session,
    region: String,
    default_tags: BTreeMap<String, String>,
    /// How many objects were imagined: each has a number.
    made: AtomicUsize,
}

/// Data sources that say what is known without asking.
const KNOWN: [&str; 5] = [
    "aws_caller_identity",
    "aws_elb_service_account",
    "aws_iam_policy_document",
    "aws_partition",
    "aws_region",
];

#[async_trait]
impl Configured for Nowhere {
    async fn read(&self, _: &str, object: Object) -> Result<Option<Object>, Problems> {
        Ok(Some(object))
    }

    async fn plan(&self, of_type: &str, request: PlanRequest) -> Result<Planned, Problems> {
        let Some(schema) = aws().get(Mode::Managed, of_type) else { return Err(nothing_made()) };
        let facts = resources::find(of_type).map_or(&Facts::NONE, |found| found.facts());
        let planned = plan(&schema, facts, &self.default_tags, request);
        let value = self.imagined(&schema.block, of_type, planned.value);
        Ok(Planned { value, ..planned })
    }

    async fn create(&self, _: &str, _: Object, _: Value) -> Applied {
        Applied::failed(nothing_made())
    }

    async fn update(&self, _: &str, _: Object, _: Object, _: Value) -> Applied {
        Applied::failed(nothing_made())
    }

    async fn delete(&self, _: &str, _: Object) -> Result<(), Problems> {
        Err(nothing_made())
    }

    async fn import(&self, _: &str, _: &str) -> Result<Object, Problems> {
        Err(nothing_made())
    }

    async fn read_data(&self, of_type: &str, config: Value) -> Result<Value, Problems> {
        if KNOWN.contains(&of_type) {
            return self.session.read_data(of_type, config).await;
        }
        let Some(schema) = aws().get(Mode::Data, of_type) else { return Err(nothing_made()) };
        let value = neargate_stack::plan::proposed::proposed(&schema.block, None, &config);
        let value = match of_type {
            "aws_availability_zones" => self.zones(value),
            _ => value,
        };
        Ok(self.imagined(&schema.block, of_type, value))
    }
}

fn nothing_made() -> Problems {
    vec![Diagnostic::error("Nothing is made of what is only looked at", "")]
}

impl Nowhere {
    /// As most regions have them.
    fn zones(&self, value: Value) -> Value {
        let texts = |of: &dyn Fn(char) -> String| {
            Value::list(Type::String, "abc".chars().map(|zone| of(zone).into()).collect())
        };
        let names = texts(&|zone| format!("{}{zone}", self.region));
        let ids = texts(&|zone| format!("{}-az{}", self.region, zone as u32 - 'a' as u32 + 1));
        with(value, [("names", names), ("zone_ids", ids)])
    }

    /// The object with a text for each that is not known.
    fn imagined(&self, block: &BlockSchema, of_type: &str, value: Value) -> Value {
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        let known = to_attributes(value.clone());
        let object = Imagining { of_type, number, region: &self.region, known: &known };
        let unknown = |name: &&String| value.get(name).is_some_and(|inner| !inner.is_known());
        let texts = block.attributes.iter().filter(|(_, a)| a.ty == Type::String);
        let names: Vec<&String> = texts.map(|(name, _)| name).filter(unknown).collect();
        let all = names.into_iter().map(|name| (name.as_str(), object.text(name).into()));
        with(value, all.collect::<Vec<(&str, Value)>>())
    }
}

fn with<'a>(value: Value, changed: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let marks = value.marks();
    let mut entries = value.entries().cloned().unwrap_or_default();
    entries.extend(changed.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::object(entries).with_marks(marks)
}

/// One object whose texts are imagined.
struct Imagining<'a> {
    of_type: &'a str,
    number: usize,
    region: &'a str,
    known: &'a Attributes,
}

/// Of types with ids of a prefix and a number, as EC2's.
const PREFIXES: [(&str, &str); 12] = [
    ("aws_vpc", "vpc"),
    ("aws_default_vpc", "vpc"),
    ("aws_subnet", "subnet"),
    ("aws_security_group", "sg"),
    ("aws_default_security_group", "sg"),
    ("aws_route_table", "rtb"),
    ("aws_internet_gateway", "igw"),
    ("aws_nat_gateway", "nat"),
    ("aws_eip", "eipalloc"),
    ("aws_vpc_endpoint", "vpce"),
    ("aws_vpc_security_group_ingress_rule", "sgr"),
    ("aws_vpc_security_group_egress_rule", "sgr"),
];

/// Of types whose id is their ARN.
const BY_ARN: [&str; 13] = [
    "aws_acm_certificate",
    "aws_alb",
    "aws_alb_listener",
    "aws_alb_target_group",
    "aws_ecs_cluster",
    "aws_ecs_service",
    "aws_iam_policy",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_secretsmanager_secret",
    "aws_sns_topic",
];

impl Imagining<'_> {
    fn text(&self, attribute: &str) -> String {
        match (attribute, self.of_type) {
            ("id", _) => self.id(),
            ("arn", _) => self.arn(),
            ("secret_id" | "secret_arn", _) => self.arn(),
            ("repository_url", _) => {
                format!("{ACCOUNT}.dkr.ecr.{}.amazonaws.com/{}", self.region, self.name())
            }
            ("registry_id" | "owner_id" | "account_id", _) => ACCOUNT.to_owned(),
            ("prefix_list_id", _) => format!("pl-{:017x}", self.number),
            ("allocation_id", _) => self.id(),
            ("name" | "bucket" | "identifier" | "family", _) => self.name(),
            (name, _) if name.ends_with("_arn") => format!("{}/{name}", self.arn()),
            (name, _) => format!("imagined-{}-{}", name.replace('_', "-"), self.number),
        }
    }

    fn id(&self) -> String {
        let prefix = PREFIXES.iter().find(|(of_type, _)| *of_type == self.of_type);
        match prefix {
            Some((_, prefix)) => format!("{prefix}-{:017x}", self.number),
            None if BY_ARN.contains(&self.of_type) => self.arn(),
            None => self.name(),
        }
    }

    /// What it is called, by its configuration.
    fn name(&self) -> String {
        let name = ["name", "bucket", "identifier", "family", "function_name"]
            .iter()
            .find_map(|name| self.known.text(name));
        let prefix = self.known.text("name_prefix").unwrap_or("imagined-");
        name.map_or_else(|| format!("{prefix}{}", self.number), str::to_owned)
    }

    /// Of what policies are written for, as AWS makes it of the name.
    fn arn(&self) -> String {
        let (region, name) = (self.region, self.name());
        let of =
            |service: &str, rest: String| format!("arn:aws:{service}:{region}:{ACCOUNT}:{rest}");
        match self.of_type {
            "aws_iam_role" => format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
            "aws_iam_policy" => format!("arn:aws:iam::{ACCOUNT}:policy/{name}"),
            "aws_s3_bucket" => format!("arn:aws:s3:::{name}"),
            "aws_secretsmanager_secret" => {
                of("secretsmanager", format!("secret:{name}-{:06x}", self.number))
            }
            "aws_secretsmanager_secret_version" => {
                self.known.text("secret_id").unwrap_or_default().to_owned()
            }
            "aws_ssm_parameter" => of("ssm", format!("parameter/{}", name.trim_start_matches('/'))),
            "aws_kms_key" => of("kms", format!("key/00000000-0000-0000-0000-{:012x}", self.number)),
            "aws_cloudwatch_log_group" => of("logs", format!("log-group:{name}")),
            "aws_ecr_repository" => of("ecr", format!("repository/{name}")),
            "aws_ecs_cluster" => of("ecs", format!("cluster/{name}")),
            "aws_ecs_task_definition" => of("ecs", format!("task-definition/{name}:1")),
            "aws_sns_topic" => of("sns", name),
            "aws_acm_certificate" => {
                of("acm", format!("certificate/00000000-0000-0000-0000-{:012x}", self.number))
            }
            "aws_lb" | "aws_alb" => {
                of("elasticloadbalancing", format!("loadbalancer/app/{name}/{:016x}", self.number))
            }
            "aws_lb_target_group" | "aws_alb_target_group" => {
                of("elasticloadbalancing", format!("targetgroup/{name}/{:016x}", self.number))
            }
            other => {
                let kind = other.strip_prefix("aws_").unwrap_or(other);
                let service = kind.split('_').next().unwrap_or(kind);
                of(service, format!("{kind}/{name}/{}", self.number))
            }
        }
    }
}
