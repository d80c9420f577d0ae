//! Binds an address, again and again until it works, and accepts.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use tokio::time::{Duration, sleep};

use super::{Slot, holder, serve};
use crate::observe::BindReport;
use crate::proxy::Core;

const RETRY: Duration = Duration::from_secs(1);
/// After an accept that failed for want of descriptors.
const BREATH: Duration = Duration::from_millis(50);
const BACKLOG: u32 = 1024;

/// Lives as long as the slot is open.
pub async fn run(slot: Arc<Slot>, core: Arc<Core>) {
    tokio::select! {
        () = bind_and_accept(&slot, &core) => {}
        () = slot.when_closed() => {}
    }
}

async fn bind_and_accept(slot: &Arc<Slot>, core: &Arc<Core>) {
    let mut told: Option<String> = None;
    let listener = loop {
        match bind(slot.address) {
            Ok(listener) => break listener,
            Err(error) => {
                let why = explain(slot.address, &error).await;
                if told.as_ref() != Some(&why) {
                    tracing::warn!(address = %slot.address, "cannot listen: {why}");
                    report(slot, core, Err(why.clone()));
                    told = Some(why);
                }
                sleep(RETRY).await;
            }
        }
    };
    report(slot, core, Ok(()));
    loop {
        match listener.accept().await {
            Ok((tcp, client)) => {
                tokio::spawn(serve::serve(tcp, client, slot.clone(), core.clone()));
            }
            Err(error) => {
                tracing::debug!(address = %slot.address, %error, "accept");
                sleep(BREATH).await;
            }
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

async fn explain(address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            let holder = tokio::task::spawn_blocking(move || holder::of(address)).await;
            match holder.ok().flatten() {
                Some(holder) => format!("{address} is held by {holder}"),
                None => format!("{address} is held by another program"),
            }
        }
        io::ErrorKind::PermissionDenied => {
            format!("no permission to listen on {address}: ports below 1024 need root")
        }
        _ => format!("{address}: {error}"),
    }
}

fn report(slot: &Slot, core: &Core, outcome: Result<(), String>) {
    let listeners = slot.listeners.load().iter().map(|l| l.arn.clone()).collect();
    core.observer.bind(BindReport { address: slot.address, listeners, outcome });
}
