//! One load balancer by hand, for a look with curl or a load generator:
//! `cargo run -p neargate-lb --example forward -- 127.0.0.1:8080 127.0.0.1:9000…`
//!
//! Access-log lines go to the standard output unless QUIET is set. Targets are
//! checked at `/` every five seconds.

use std::net::SocketAddr;
use std::sync::Arc;

use neargate_ids::{Clock, Rng};
use neargate_lb::config::{
    Action, Attributes, Listener, LoadBalancer, Target, TargetGroup, TargetState,
};
use neargate_lb::health::{HealthState, Prober};
use neargate_lb::observe::{BindReport, RequestRecord};
use neargate_lb::{Balancer, Config, Direct, Observer, access_log};

struct Print {
    quiet: bool,
}

impl Observer for Print {
    fn request(&self, record: &RequestRecord) {
        if !self.quiet {
            println!("{}", access_log::line(record));
        }
    }

    fn bind(&self, report: BindReport) {
        eprintln!("{}: {:?}", report.address, report.outcome);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address: SocketAddr =
        arguments.next().ok_or("first the address to listen on, then targets")?.parse()?;
    let mut group = TargetGroup::new("arn:group");
    group.health_check.interval_secs = 5;
    for target in arguments {
        group.targets.push(Target { address: target.parse()?, state: TargetState::Initial });
    }
    let listener = Listener {
        arn: "arn:listener".into(),
        port: address.port(),
        binds: vec![address],
        tls: None,
        rules: vec![],
        default_action: Action::forward("arn:group"),
    };
    let load_balancer = LoadBalancer {
        id: "app/example/1".into(),
        dns_name: "example-1.us-west-2.elb.localhost".into(),
        attributes: Attributes::default(),
        listeners: vec![listener],
    };
    let mut config = Config {
        load_balancers: vec![load_balancer],
        target_groups: vec![group],
        cookie_key: [1; 32],
    };
    let observer = Arc::new(Print { quiet: std::env::var_os("QUIET").is_some() });
    let clock = Clock::system();
    let balancer = Balancer::start(Arc::new(Direct), observer, clock.clone(), Rng::seeded(1));
    let (prober, mut observations) = Prober::new(Arc::new(Direct), clock);
    for problem in balancer.apply(&config) {
        eprintln!("{problem}");
    }
    prober.apply(&config);
    // The control plane in small: what is observed comes back as configuration.
    while let Some(seen) = observations.recv().await {
        let why = seen.reason.map(|r| r.description()).unwrap_or_default();
        eprintln!("{} is {} {why}", seen.target, seen.state.as_str());
        for target in &mut config.target_groups[0].targets {
            if target.address == seen.target {
                target.state = match seen.state {
                    HealthState::Healthy => TargetState::Healthy,
                    HealthState::Unhealthy => TargetState::Unhealthy,
                    _ => TargetState::Initial,
                };
            }
        }
        balancer.apply(&config);
        prober.apply(&config);
    }
    Ok(())
}
