//! Where clients inside of a VPC get in: the listeners at the private
//! addresses of a load balancer's interfaces. Security groups are the
//! network's to apply; what gets through is served like any other connection.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use neargate_api::Snapshot;
use neargate_api::model::ec2::{NetworkInterface, key};
use neargate_api::model::elbv2::{LoadBalancer, listeners_of};
use neargate_lb::Balancer;
use neargate_net::{Net, Place};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// After an accept that failed for want of descriptors.
const BREATH: Duration = Duration::from_millis(50);

/// All of them.
pub struct Doors {
    net: Net,
    balancer: Arc<Balancer>,
    open: HashMap<Entrance, Door>,
}

/// An interface and a port of it.
type Entrance = (String, u16);

struct Door {
    /// The listener that connections are for, which may be another later.
    arn: Arc<Mutex<Arc<str>>>,
    accepting: JoinHandle<()>,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Doors {
    pub fn new(net: Net, balancer: Arc<Balancer>) -> Self {
        Doors { net, balancer, open: HashMap::new() }
    }

    /// Opens and closes doors as the snapshot has it. Gives what could not be
    /// opened yet, mostly because the interface is not attached yet.
    pub fn follow(&mut self, snapshot: &Snapshot) -> Vec<String> {
        let wanted = wanted(snapshot);
        self.open.retain(|place, _| wanted.contains_key(place));
        let mut undone = Vec::new();
        for (place, (arn, address)) in wanted {
            if let Some(door) = self.open.get(&place) {
                *door.arn.lock().unwrap_or_else(PoisonError::into_inner) = arn;
                continue;
            }
            match self.listen(&place.0, address) {
                Ok(listener) => {
                    let arn = Arc::new(Mutex::new(arn));
                    let accepting = accept(listener, arn.clone(), self.balancer.clone());
                    let accepting = tokio::spawn(accepting);
                    self.open.insert(place, Door { arn, accepting });
                }
                Err(why) => undone.push(format!("{address} in {}: {why}", place.0)),
            }
        }
        undone
    }

    fn listen(&self, interface_id: &str, address: SocketAddr) -> Result<TcpListener, String> {
        let listener = self.net.listen_in(Place::Eni(interface_id), address);
        let listener = listener.map_err(|error| error.to_string())?;
        TcpListener::from_std(listener).map_err(|error| error.to_string())
    }
}

/// The listener for each interface and port, and its address.
fn wanted(snapshot: &Snapshot) -> HashMap<Entrance, (Arc<str>, SocketAddr)> {
    let mut wanted = HashMap::new();
    for balancer in snapshot.all::<LoadBalancer>() {
        for node in &balancer.nodes {
            let id = key(&balancer.region, &node.interface_id);
            let Some(interface) = snapshot.get::<NetworkInterface>(&id) else { continue };
            for listener in listeners_of(snapshot, &balancer.arn) {
                let place = (node.interface_id.clone(), listener.port);
                let address = SocketAddr::from((interface.private_ip, listener.port));
                wanted.insert(place, (listener.arn.as_str().into(), address));
            }
        }
    }
    wanted
}

/// Accepts until it is aborted; connections then go on to their end.
async fn accept(listener: TcpListener, arn: Arc<Mutex<Arc<str>>>, balancer: Arc<Balancer>) {
    loop {
        match listener.accept().await {
            Ok((tcp, client)) => {
                let arn = arn.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let balancer = balancer.clone();
                tokio::spawn(async move { balancer.serve(&arn, tcp, client).await });
            }
            Err(error) => {
                tracing::debug!(%error, "accept");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}
