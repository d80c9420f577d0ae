//! Makes unpacked layers durable behind the back of the tasks that wait for
//! them. One thread while there is work, one `syncfs` for all layers that came
//! since the last.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
pub struct Syncer {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<PathBuf>,
    running: bool,
}

impl Syncer {
    /// Marks the layer `synced` when all its bytes are on the disk.
    pub fn sync_later(self: &Arc<Self>, layer: PathBuf) {
        let mut state = self.lock();
        state.waiting.push(layer);
        if !state.running {
            state.running = true;
            let this = self.clone();
            std::thread::spawn(move || this.run());
        }
    }

    fn run(&self) {
        loop {
            let layers = {
                let mut state = self.lock();
                let layers = std::mem::take(&mut state.waiting);
                state.running = !layers.is_empty();
                layers
            };
            let Some(any) = layers.first() else { return };
            let synced = File::open(any).and_then(|dir| Ok(rustix::fs::syncfs(dir)?));
            let marked = synced.and_then(|()| layers.iter().try_for_each(|layer| mark(layer)));
            if let Err(error) = marked {
                tracing::debug!(%error, "layers not marked as synced are unpacked again after a reboot");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn mark(layer: &Path) -> io::Result<()> {
    File::create(layer.join("synced"))?.sync_all()?;
    File::open(layer)?.sync_all()
}
