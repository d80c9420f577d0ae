//! What the port serves beside AWS's APIs: Neargate's own pages and those that its operator
//! changes things with, which are for this machine alone, and the sessions of ECS Exec. Of
//! these last alone tasks find some too.

use std::path::PathBuf;
use std::sync::Arc;

use neargate_api::Cloud;
use neargate_blobs::Blobs;
use neargate_edge::Edge;
use neargate_images::{Names, Unpacker};

use crate::data_channel::rights::Asked;
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
    pub channels: DataChannels,
    pub asked: Asked,
    pub blobs: Blobs,
    pub names: Names,
    pub unpacker: Unpacker,
    pub own: Own,
}

impl OwnPages {
    /// The same edge, with all of them.
    pub fn route(self, edge: Edge) -> Edge {
        let OwnPages { cloud, data, operator, channels, asked, blobs, names, unpacker, own } = self;
        let clock = MovedClock { clock: cloud.clock.clone(), data, operator: operator.clone() };
        let spot = Spot { cloud, operator: operator.clone() };
        let exec = ExecPage { asked, operator: operator.clone() };
        let loaded = LoadedImages { blobs, names, unpacker, operator };
        edge.route(|request| request.uri().path() == moved_clock::PATH, Arc::new(clock))
            .route(|request| request.uri().path() == spot::PATH, Arc::new(spot))
            .route(|request| request.uri().path() == exec_page::PATH, Arc::new(exec))
            .route(data_channel::is_for, Arc::new(channels))
            .route(|request| request.uri().path() == loaded_images::PATH, Arc::new(loaded))
            .route(|request| request.uri().path().starts_with(own::PREFIX), Arc::new(own))
    }
}
