//! `aws_lb_listener`.

use async_trait::async_trait;
use neargate_api_types::elbv2;
use neargate_hcl::Value;
use serde_json::{Value as Json, json};

use super::lb_actions;
use super::lb_attributes::{Keyed, Kind, text_of};
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Holds, Resource, found};
use crate::{tags, waits};

pub struct LbListener;

const MISSING: [&str; 2] = ["ListenerNotFound", "ListenerNotFoundException"];

/// What is said of a request to targets, and of an answer to clients. Each is one attribute, whose
/// key is its name with dots: `routing_http_response_server_enabled`.
const ROUTING: [(&str, &[&str], &str); 3] = [
    (
        "routing_http_request",
        &[
            "x_amzn_mtls_clientcert",
            "x_amzn_mtls_clientcert_issuer",
            "x_amzn_mtls_clientcert_leaf",
            "x_amzn_mtls_clientcert_serial_number",
            "x_amzn_mtls_clientcert_subject",
            "x_amzn_mtls_clientcert_validity",
            "x_amzn_tls_cipher_suite",
            "x_amzn_tls_version",
        ],
        "header_name",
    ),
    (
        "routing_http_response",
        &[
            "access_control_allow_credentials",
            "access_control_allow_headers",
            "access_control_allow_methods",
            "access_control_allow_origin",
            "access_control_expose_headers",
            "access_control_max_age",
            "content_security_policy",
            "strict_transport_security",
            "x_content_type_options",
            "x_frame_options",
        ],
        "header_value",
    ),
    ("routing_http_response", &["server"], "enabled"),
];

/// Attributes of listeners of some protocols: of others, they stay as they are, whatever is written.
const NOT_OF_EVERY_PROTOCOL: &[(&str, Holds)] = &[
    ("routing_http_request_x_amzn_mtls_clientcert_header_name", is_no_https),
    ("routing_http_request_x_amzn_mtls_clientcert_issuer_header_name", is_no_https),
    ("routing_http_request_x_amzn_mtls_clientcert_leaf_header_name", is_no_https),
    ("routing_http_request_x_amzn_mtls_clientcert_serial_number_header_name", is_no_https),
    ("routing_http_request_x_amzn_mtls_clientcert_subject_header_name", is_no_https),
    ("routing_http_request_x_amzn_mtls_clientcert_validity_header_name", is_no_https),
    ("routing_http_request_x_amzn_tls_cipher_suite_header_name", is_no_https),
    ("routing_http_request_x_amzn_tls_version_header_name", is_no_https),
    ("routing_http_response_access_control_allow_credentials_header_value", is_no_http),
    ("routing_http_response_access_control_allow_headers_header_value", is_no_http),
    ("routing_http_response_access_control_allow_methods_header_value", is_no_http),
    ("routing_http_response_access_control_allow_origin_header_value", is_no_http),
    ("routing_http_response_access_control_expose_headers_header_value", is_no_http),
    ("routing_http_response_access_control_max_age_header_value", is_no_http),
    ("routing_http_response_content_security_policy_header_value", is_no_http),
    ("routing_http_response_strict_transport_security_header_value", is_no_http),
    ("routing_http_response_x_content_type_options_header_value", is_no_http),
    ("routing_http_response_x_frame_options_header_value", is_no_http),
    ("routing_http_response_server_enabled", is_no_http),
    ("tcp_idle_timeout_seconds", has_no_idle_timeout),
];

fn is_no_https(_before: &Value, planned: &Value) -> bool {
    !is_of(planned, &["HTTPS"])
}

fn is_no_http(_before: &Value, planned: &Value) -> bool {
    !is_of(planned, &["HTTP", "HTTPS"])
}

fn has_no_idle_timeout(_before: &Value, planned: &Value) -> bool {
    !is_of(planned, &["TCP", "GENEVE"])
}

/// Unknown, it may be of any.
fn is_of(planned: &Value, protocols: &[&str]) -> bool {
    let protocol = planned.get("protocol").and_then(Value::as_str);
    protocol.is_none_or(|protocol| protocols.contains(&protocol))
}

const TCP_IDLE: &str = "tcp.idle_timeout.seconds";

#[async_trait]
impl Resource for LbListener {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["load_balancer_arn"],
            defaults: lb_actions::DEFAULTS_OF_DEFAULT_ACTION,
            filled: &["mutual_authentication"],
            emptied: &["default_action.forward.stickiness"],
            alike: NOT_OF_EVERY_PROTOCOL,
            unsettles: &[("protocol", "ssl_policy")],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let load_balancer_arn = planned.required("load_balancer_arn");
        let application = load_balancer_arn.contains("loadbalancer/app/");
        let protocol = planned.string("protocol");
        let input = elbv2::CreateListenerInput {
            alpn_policy: planned.string("alpn_policy").map(|policy| vec![policy]),
            certificates: certificates(planned),
            default_actions: lb_actions::of(planned, "default_action")?,
            load_balancer_arn,
            mutual_authentication: mutual(planned),
            port: planned.number("port"),
            protocol: protocol.or_else(|| application.then(|| "HTTP".to_owned())),
            ssl_policy: planned.string("ssl_policy"),
            tags: tags::elbv2::given(planned),
        };
        // A certificate that is new is not known everywhere at once.
        let late = ["CertificateNotFound"];
        let what = format!("A certificate of the listener on port {}", input.port.unwrap_or(0));
        let made =
            waits::accepted(cloud, &what, 2, &late, || cloud.call::<elbv2::CreateListener>(&input))
                .await?;
        let listener = made.listeners.unwrap_or_default().into_iter().next().unwrap_or_default();
        Ok(listener.listener_arn.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        set_attributes(cloud, &planned.id(), planned).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let arn = known.id();
        let Some(listener) = listener(cloud, &arn).await? else { return Ok(None) };
        let actions = lb_actions::blocks(listener.default_actions, &known.blocks("default_action"));
        let certificate =
            listener.certificates.unwrap_or_default().into_iter().find_map(|c| c.certificate_arn);
        let mutual = listener.mutual_authentication.into_iter().map(mutual_block);
        known.extend(json!({
            "alpn_policy": listener.alpn_policy.unwrap_or_default().into_iter().next(),
            "arn": listener.listener_arn,
            "certificate_arn": certificate,
            "default_action": actions,
            "load_balancer_arn": listener.load_balancer_arn,
            "mutual_authentication": mutual.collect::<Vec<Json>>(),
            "port": listener.port,
            "protocol": listener.protocol.unwrap_or_default(),
            "ssl_policy": listener.ssl_policy.unwrap_or_default(),
        }));
        let has = attributes(cloud, &arn).await?;
        for (name, key) in routing() {
            let kind = if name.ends_with("_enabled") { Kind::Bool } else { Kind::Text };
            known.set(&name, has.json(&key, kind));
        }
        known.set("tcp_idle_timeout_seconds", has.json(TCP_IDLE, Kind::Number));
        tags::set(&mut known, cloud, tags::elbv2::of(cloud, &arn).await?);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let arn = planned.id();
        let parts = [
            "alpn_policy",
            "certificate_arn",
            "default_action",
            "mutual_authentication",
            "port",
            "protocol",
            "ssl_policy",
        ];
        if prior.any_differs(planned, &parts) {
            let actions = lb_actions::of(planned, "default_action")?;
            let input = elbv2::ModifyListenerInput {
                alpn_policy: planned.string("alpn_policy").map(|policy| vec![policy]),
                certificates: certificates(planned),
                default_actions: Some(actions).filter(|_| prior.differs(planned, "default_action")),
                listener_arn: arn.clone(),
                mutual_authentication: mutual(planned)
                    .filter(|_| prior.differs(planned, "mutual_authentication")),
                port: planned.number("port"),
                protocol: planned.string("protocol"),
                ssl_policy: planned.string("ssl_policy"),
            };
            let what = format!("A certificate of {arn}");
            waits::accepted(cloud, &what, 2, &["CertificateNotFound"], || {
                cloud.call::<elbv2::ModifyListener>(&input)
            })
            .await?;
        }
        set_attributes(cloud, &arn, planned).await?;
        tags::elbv2::update(cloud, &arn, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = elbv2::DeleteListenerInput { listener_arn: prior.id() };
        found(cloud.call::<elbv2::DeleteListener>(&input).await, &MISSING)?;
        Ok(())
    }
}

/// Names of attributes with their keys.
fn routing() -> impl Iterator<Item = (String, String)> {
    ROUTING.into_iter().flat_map(|(prefix, middles, suffix)| {
        middles.iter().map(move |middle| {
            let name = match suffix {
                "header_name" | "header_value" => format!("{prefix}_{middle}_{suffix}"),
                _ => format!("{prefix}_{middle}_enabled"),
            };
            (name, format!("{}.{middle}.{suffix}", prefix.replace('_', ".")))
        })
    })
}

async fn listener(cloud: &Cloud, arn: &str) -> Result<Option<elbv2::Listener>, Failure> {
    let listener_arns = Some(vec![arn.to_owned()]);
    let input = elbv2::DescribeListenersInput { listener_arns, ..Default::default() };
    let described = found(cloud.call::<elbv2::DescribeListeners>(&input).await, &MISSING)?;
    Ok(described.and_then(|output| output.listeners?.into_iter().next()))
}

async fn attributes(cloud: &Cloud, arn: &str) -> Result<Keyed, Failure> {
    let input = elbv2::DescribeListenerAttributesInput { listener_arn: arn.to_owned() };
    let has = cloud.call::<elbv2::DescribeListenerAttributes>(&input).await?.attributes;
    Ok(Keyed::new(has.unwrap_or_default().into_iter().map(|has| (has.key, has.value))))
}

async fn set_attributes(cloud: &Cloud, arn: &str, planned: &Attributes) -> Result<(), Failure> {
    let mut wanted: Vec<(String, Option<String>)> =
        routing().map(|(name, key)| (key, text_of(planned, &name))).collect();
    wanted.push((TCP_IDLE.to_owned(), text_of(planned, "tcp_idle_timeout_seconds")));
    wanted.retain(|(_, value)| value.is_some());
    if wanted.is_empty() {
        return Ok(());
    }
    let wanted = wanted.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    let changes = attributes(cloud, arn).await?.changes(wanted);
    if changes.is_empty() {
        return Ok(());
    }
    let attribute = |(key, value)| elbv2::ListenerAttribute { key: Some(key), value: Some(value) };
    let input = elbv2::ModifyListenerAttributesInput {
        attributes: changes.into_iter().map(attribute).collect(),
        listener_arn: arn.to_owned(),
    };
    cloud.call::<elbv2::ModifyListenerAttributes>(&input).await?;
    Ok(())
}

fn certificates(planned: &Attributes) -> Option<Vec<elbv2::Certificate>> {
    let certificate_arn = Some(planned.string("certificate_arn")?);
    Some(vec![elbv2::Certificate { certificate_arn, ..Default::default() }])
}

fn mutual(planned: &Attributes) -> Option<elbv2::MutualAuthenticationAttributes> {
    let block = planned.block("mutual_authentication")?;
    let verifies = block.text("mode") == Some("verify");
    Some(elbv2::MutualAuthenticationAttributes {
        advertise_trust_store_ca_names: block
            .string("advertise_trust_store_ca_names")
            .filter(|_| verifies),
        ignore_client_certificate_expiry: block
            .bool("ignore_client_certificate_expiry")
            .filter(|_| verifies),
        mode: block.string("mode"),
        trust_store_arn: block.string("trust_store_arn"),
        ..Default::default()
    })
}

fn mutual_block(mutual: elbv2::MutualAuthenticationAttributes) -> Json {
    json!({
        "advertise_trust_store_ca_names": mutual.advertise_trust_store_ca_names.unwrap_or_default(),
        "ignore_client_certificate_expiry": mutual.ignore_client_certificate_expiry.unwrap_or(false),
        "mode": mutual.mode,
        "trust_store_arn": mutual.trust_store_arn.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use neargate_stack::address::Mode;
    use neargate_stack::schema::aws;

    #[test]
    fn every_attribute_of_routing_has_a_key() {
        let schema = aws().get(Mode::Managed, "aws_lb_listener").expect("it is in AWS's schemas");
        let of_schema = schema.block.attributes.keys().filter(|name| name.starts_with("routing_"));
        let mut ours: Vec<String> = routing().map(|(name, _)| name).collect();
        ours.sort();
        assert_eq!(ours, of_schema.cloned().collect::<Vec<_>>());
        let server = routing().last().expect("there are some");
        assert_eq!(server.1, "routing.http.response.server.enabled");
    }
}
