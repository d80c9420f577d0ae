//! What the port serves beside AWS's APIs and is for this machine alone: Neargate's
//! own pages, those that its operator changes things with, and the sessions of ECS
//! Exec. Tasks find none of it.

use std::path::PathBuf;
use std::sync::Arc;

use neargate_api::Cloud;
use neargate_blobs::Blobs;
use neargate_edge::Edge;
use neargate_images::Names;
use neargate_reconcile::Running;
use tokio::sync::watch;

use crate::data_channel::{self, DataChannels};
use crate::exec_page::{self, ExecPage};
use crate::loaded_images::{self, LoadedImages};
use crate::moved_clock::{self, MovedClock};
use crate::operator_token::OperatorToken;
use crate::own::{self, Own};
use crate::spot::{self, Spot};

/// What the pages are made of.
pub struct OwnPages {
    pub cloud: Arc<Cloud>,
    /// The data directory.
    pub data: PathBuf,
    pub operator: Arc<OperatorToken>,
    pub running: Running,
    pub blobs: Blobs,
    pub names: Names,
    pub own: Own,
    pub stop: watch::Receiver<bool>,
}

impl OwnPages {
    /// The same edge, with all of them.
    pub fn route(self, edge: Edge) -> Edge {
        let OwnPages { cloud, data, operator, running, blobs, names, own, stop } = self;
        let clock = MovedClock { clock: cloud.clock.clone(), data, operator: operator.clone() };
        let spot = Spot { cloud: cloud.clone(), operator: operator.clone() };
        let exec = ExecPage { cloud: cloud.clone(), operator: operator.clone() };
        let channels = DataChannels { cloud, running, stop };
        let loaded = LoadedImages { blobs, names, operator };
        edge.route(|request| request.uri().path() == moved_clock::PATH, Arc::new(clock))
            .route(|request| request.uri().path() == spot::PATH, Arc::new(spot))
            .route(|request| request.uri().path() == exec_page::PATH, Arc::new(exec))
            .route(data_channel::is_for, Arc::new(channels))
            .route(|request| request.uri().path() == loaded_images::PATH, Arc::new(loaded))
            .route(|request| request.uri().path().starts_with(own::PREFIX), Arc::new(own))
    }
}
