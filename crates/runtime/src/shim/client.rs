//! One connected daemon, from the shim's side. Neither direction blocks: what
//! a slow client has not read waits in memory, and one that lets too much
//! pile up is dropped (it connects again and is told everything).

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

use crate::protocol::{Answer, Request, Told};

const MOST_UNREAD: usize = 16 << 20;

pub(super) struct Client {
    pub id: u64,
    pub stream: UnixStream,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    pub is_gone: bool,
}

/// Where an answer goes that can't be given at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiter {
    pub client: u64,
    pub request: u64,
}

impl Client {
    pub fn new(id: u64, stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Client { id, stream, incoming: Vec::new(), outgoing: Vec::new(), is_gone: false })
    }

    pub fn wants_to_write(&self) -> bool {
        !self.outgoing.is_empty()
    }

    pub fn tell(&mut self, told: &Told) {
        serde_json::to_writer(&mut self.outgoing, told).expect("what is told is plain data");
        self.outgoing.push(b'\n');
        if self.outgoing.len() > MOST_UNREAD {
            self.is_gone = true;
        }
        self.write();
    }

    pub fn answer(&mut self, request: u64, answer: Answer) {
        self.tell(&Told::Reply { id: request, answer });
    }

    /// Writes what the socket takes.
    pub fn write(&mut self) {
        while !self.outgoing.is_empty() {
            match self.stream.write(&self.outgoing) {
                Ok(written) => drop(self.outgoing.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.is_gone |= error.kind() != io::ErrorKind::WouldBlock;
                    return;
                }
            }
        }
    }

    /// Reads what has come; whole requests come out.
    pub fn read(&mut self) -> Vec<Request> {
        let mut chunk = [0; 16384];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => {
                    self.is_gone = true;
                    break;
                }
                Ok(length) => self.incoming.extend_from_slice(&chunk[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.is_gone |= error.kind() != io::ErrorKind::WouldBlock;
                    break;
                }
            }
        }
        let mut requests = Vec::new();
        while let Some(end) = self.incoming.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.incoming.drain(..=end).collect();
            match serde_json::from_slice(&line) {
                Ok(request) => requests.push(request),
                Err(error) => {
                    eprintln!("a request that is none: {error}");
                    self.is_gone = true;
                }
            }
        }
        requests
    }
}
