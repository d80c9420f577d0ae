//! The loops: each follows the store and does its part, until they are all told to stop.

use std::sync::Arc;

use anyhow::Result;
use neargate_api_s3::S3;
use neargate_balancers::Balancers;
use neargate_bridge::Bridge;
use neargate_databases::Databases;
use neargate_edge::Edge;
use neargate_logmetrics::LogMetrics;
use neargate_monitoring::Monitoring;
use neargate_notifications::{Notifications, Signer};
use neargate_reconcile::{Hands, Networks, RouterListener};
use neargate_scaling::Scaling;
use neargate_trails::Trails;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Shared, postgres};
use crate::data_channel::DataChannels;
use crate::inert::InertSettings;
use crate::{s3, task_endpoint};

/// What they are made of.
pub(super) struct Loops {
    pub shared: Shared,
    pub hands: Arc<Hands>,
    pub networks: Networks,
    /// Inside of VPCs, for the metadata endpoint and AWS's port.
    pub listeners: mpsc::UnboundedReceiver<RouterListener>,
    /// What AWS's port answers inside of VPCs.
    pub inside: Arc<Edge>,
    pub balancers: Balancers,
    pub channels: DataChannels,
    pub inert: Arc<InertSettings>,
    pub s3: S3,
    pub signer: Arc<Signer>,
    pub smtp_relay: Option<String>,
}

impl Loops {
    /// Starts all of them; what is given ends once they have.
    pub fn start(self) -> Result<JoinHandle<()>> {
        let databases = self.databases();
        let bridge = self.bridge();
        let monitoring = self.monitoring();
        let log_metrics = self.log_metrics();
        let scaling = self.scaling();
        let trails = self.trails();
        let notifications = self.notifications()?;
        let Loops {
            shared,
            hands,
            networks,
            listeners,
            inside,
            balancers,
            channels,
            inert,
            s3,
            ..
        } = self;
        let Shared { kept, running, stop, .. } = shared;
        let (blobs, names) = (kept.blobs, kept.names);
        Ok(tokio::spawn(async move {
            tokio::join!(
                neargate_reconcile::images::run(hands.clone(), blobs, names, stop.clone()),
                neargate_reconcile::run(hands, networks, stop.clone()),
                task_endpoint::serve_all(kept.cloud, inside, running, listeners, stop.clone()),
                balancers.run(stop.clone()),
                neargate_databases::run(databases, stop.clone()),
                neargate_bridge::run(bridge, stop.clone()),
                neargate_monitoring::run(monitoring, stop.clone()),
                neargate_logmetrics::run(log_metrics, stop.clone()),
                neargate_scaling::run(scaling, stop.clone()),
                neargate_notifications::run(notifications, stop.clone()),
                neargate_trails::run(trails, stop.clone()),
                channels.run(),
                s3::collect(s3, stop.clone()),
                inert.tell(stop),
            );
        }))
    }

    fn databases(&self) -> Databases {
        Databases {
            cloud: self.shared.kept.cloud.clone(),
            services: self.shared.services.clone(),
            postgres: postgres(&self.shared.kept.data),
            attached: self.hands.attached.clone(),
            progress: self.shared.progress.clone(),
        }
    }

    fn bridge(&self) -> Bridge {
        let shared = &self.shared;
        Bridge::new(shared.kept.cloud.clone(), shared.services.clone(), shared.progress.clone())
    }

    fn monitoring(&self) -> Monitoring {
        let Shared { kept, pulls, progress, running, .. } = &self.shared;
        Monitoring {
            cloud: kept.cloud.clone(),
            series: kept.metrics.clone(),
            running: running.clone(),
            traffic: self.balancers.traffic(),
            lines: kept.lines.clone(),
            pulls: pulls.clone(),
            databases: postgres(&kept.data).root,
            progress: progress.clone(),
        }
    }

    fn log_metrics(&self) -> LogMetrics {
        let Shared { kept, progress, .. } = &self.shared;
        let (cloud, lines, metrics) = (&kept.cloud, &kept.lines, &kept.metrics);
        LogMetrics::new(cloud.clone(), lines.clone(), metrics.clone(), progress.clone())
    }

    fn scaling(&self) -> Scaling {
        Scaling {
            cloud: self.shared.kept.cloud.clone(),
            services: self.shared.services.clone(),
            series: self.shared.kept.metrics.clone(),
            progress: self.shared.progress.clone(),
        }
    }

    fn notifications(&self) -> Result<Notifications> {
        let Shared { kept, services, progress, .. } = &self.shared;
        let (cloud, services, progress) = (kept.cloud.clone(), services.clone(), progress.clone());
        let (signer, relay) = (self.signer.clone(), self.smtp_relay.clone());
        Ok(Notifications::new(cloud, services, progress, signer, relay)?)
    }

    fn trails(&self) -> Trails {
        Trails {
            cloud: self.shared.kept.cloud.clone(),
            services: self.shared.services.clone(),
            s3: self.s3.clone(),
            log: self.shared.kept.events.clone(),
            progress: self.shared.progress.clone(),
        }
    }
}
