//! The agent's side of a channel: ours, at the container.

use std::collections::{BTreeMap, VecDeque};

use neargate_ids::{Rng, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::message::{
    ACKNOWLEDGE, CLOSED, FIN, INPUT, Malformed, Message, OUTPUT, SYN, new_id, payload_kind,
};
use crate::payload::{
    Acknowledgement, ChannelClosed, HandshakeComplete, HandshakeRequest, HandshakeResponse,
    RequestedAction, Size,
};

/// The agent that we are as good as, for whoever looks at its version.
const VERSION: &str = "3.3.0.0";

/// What was not acknowledged after this is sent again.
const RESEND_MS: i64 = 500;

/// Messages that came too early are kept, up to this number.
const EARLY: usize = 256;

/// The flag by which a client ends the session.
const TERMINATE: u32 = 2;

/// What a client has said.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// The handshake is over: the process may start.
    Ready,
    Typed(Vec<u8>),
    Resized {
        columns: u16,
        rows: u16,
    },
    /// It ends the session.
    Terminate,
    /// It cannot take part, and says why.
    Refused(String),
}

/// The channel, from the agent's side.
pub struct Agent {
    session_id: String,
    command: String,
    rng: Rng,
    began_at: Timestamp,
    /// The number of the next message that is sent, and of the next that is to come.
    next: i64,
    expected: i64,
    early: BTreeMap<i64, Message>,
    unacknowledged: VecDeque<Sent>,
    to_send: Vec<Vec<u8>>,
}

struct Sent {
    number: i64,
    bytes: Vec<u8>,
    at: Timestamp,
}

impl Agent {
    /// Begins the handshake of a session in which `command` is to run.
    pub fn begin(session_id: &str, command: &str, rng: Rng, now: Timestamp) -> Self {
        let mut agent = Agent {
            session_id: session_id.to_owned(),
            command: command.to_owned(),
            rng,
            began_at: now,
            next: 0,
            expected: 0,
            early: BTreeMap::new(),
            unacknowledged: VecDeque::new(),
            to_send: Vec::new(),
        };
        let kind = json!({
            "SessionType": "InteractiveCommands",
            "Properties": { "commands": agent.command },
        });
        let request = HandshakeRequest {
            agent_version: VERSION.into(),
            requested_client_actions: vec![RequestedAction {
                action_type: "SessionType".into(),
                action_parameters: kind,
            }],
        };
        agent.stream(payload_kind::HANDSHAKE_REQUEST, json_of(&request), now);
        agent
    }

    /// Takes a message of the client.
    pub fn take(&mut self, bytes: &[u8], now: Timestamp) -> Result<Vec<Heard>, Malformed> {
        let message = Message::decode(bytes)?;
        match message.kind.as_str() {
            ACKNOWLEDGE => {
                let of: Acknowledgement = parse(&message)?;
                let number = of.acknowledged_message_sequence_number;
                self.unacknowledged.retain(|sent| sent.number != number);
                Ok(Vec::new())
            }
            INPUT => self.take_input(message, now),
            _ => Ok(Vec::new()),
        }
    }

    /// Input is heard in its order, and each message once.
    fn take_input(&mut self, message: Message, now: Timestamp) -> Result<Vec<Heard>, Malformed> {
        let is_early = message.number > self.expected;
        if is_early && self.early.len() >= EARLY {
            // Not acknowledged: it comes again.
            return Ok(Vec::new());
        }
        self.acknowledge(&message, now);
        if message.number < self.expected {
            return Ok(Vec::new());
        }
        self.early.insert(message.number, message);
        let mut heard = Vec::new();
        while let Some(message) = self.early.remove(&self.expected) {
            self.expected += 1;
            heard.extend(self.hear(message, now)?);
        }
        Ok(heard)
    }

    fn hear(&mut self, message: Message, now: Timestamp) -> Result<Option<Heard>, Malformed> {
        Ok(match message.payload_kind {
            payload_kind::HANDSHAKE_RESPONSE => {
                let response: HandshakeResponse = parse(&message)?;
                if let Some(why) = response.errors.and_then(|errors| errors.into_iter().next()) {
                    return Ok(Some(Heard::Refused(why)));
                }
                let complete = HandshakeComplete {
                    handshake_time_to_complete: now.millis_since(self.began_at) * 1_000_000,
                    customer_message: String::new(),
                };
                self.stream(payload_kind::HANDSHAKE_COMPLETE, json_of(&complete), now);
                Some(Heard::Ready)
            }
            payload_kind::BYTES => Some(Heard::Typed(message.payload)),
            payload_kind::SIZE => {
                let size: Size = parse(&message)?;
                let within = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
                Some(Heard::Resized { columns: within(size.cols), rows: within(size.rows) })
            }
            payload_kind::FLAG => {
                let flag = message.payload.try_into().map(u32::from_be_bytes);
                (flag == Ok(TERMINATE)).then_some(Heard::Terminate)
            }
            _ => None,
        })
    }

    /// What the process printed.
    pub fn print(&mut self, bytes: &[u8], now: Timestamp) {
        self.stream(payload_kind::BYTES, bytes.to_vec(), now);
    }

    /// How the process ended: for clients that want to know.
    pub fn exit_code(&mut self, code: i32, now: Timestamp) {
        self.stream(payload_kind::EXIT_CODE, code.to_string().into_bytes(), now);
    }

    /// The end; `output` says why, where it is no ordinary one.
    pub fn close(&mut self, output: &str, now: Timestamp) {
        let id = new_id(&self.rng);
        let mut message = self.message(CLOSED, 0, Vec::new(), now);
        message.id = id;
        message.flags = FIN;
        message.payload = json_of(&ChannelClosed {
            message_id: message.id_text(),
            created_date: now.iso8601(),
            destination_id: self.session_id.clone(),
            session_id: self.session_id.clone(),
            message_type: CLOSED.into(),
            schema_version: 1,
            output: output.into(),
        });
        self.to_send.push(message.encode());
    }

    /// Sends again what waits too long to be acknowledged.
    pub fn resend(&mut self, now: Timestamp) {
        // In their order: the client drops what comes after a gap that it cannot keep.
        for sent in &mut self.unacknowledged {
            if now.millis_since(sent.at) >= RESEND_MS {
                sent.at = now;
                self.to_send.push(sent.bytes.clone());
            }
        }
    }

    /// What is to be sent now.
    pub fn outgoing(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.to_send)
    }

    /// How many messages the client has not acknowledged.
    pub fn unacknowledged(&self) -> usize {
        self.unacknowledged.len()
    }

    fn stream(&mut self, payload_kind: u32, payload: Vec<u8>, now: Timestamp) {
        let mut message = self.message(OUTPUT, payload_kind, payload, now);
        message.number = self.next;
        message.flags = if self.next == 0 { SYN } else { 0 };
        let bytes = message.encode();
        self.unacknowledged.push_back(Sent { number: self.next, bytes: bytes.clone(), at: now });
        self.to_send.push(bytes);
        self.next += 1;
    }

    fn acknowledge(&mut self, of: &Message, now: Timestamp) {
        let payload = json_of(&Acknowledgement {
            acknowledged_message_type: of.kind.clone(),
            acknowledged_message_id: of.id_text(),
            acknowledged_message_sequence_number: of.number,
            is_sequential_message: true,
        });
        let mut message = self.message(ACKNOWLEDGE, 0, payload, now);
        message.flags = SYN | FIN;
        self.to_send.push(message.encode());
    }

    fn message(&self, kind: &str, payload_kind: u32, payload: Vec<u8>, now: Timestamp) -> Message {
        let id = new_id(&self.rng);
        let kind = kind.to_owned();
        Message { kind, created_at: now, number: 0, flags: 0, id, payload_kind, payload }
    }
}

pub(crate) fn json_of(payload: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(payload).expect("strings, numbers and lists have a JSON form")
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(message: &Message) -> Result<T, Malformed> {
    serde_json::from_slice(&message.payload).map_err(|_| Malformed("the payload cannot be read"))
}

#[cfg(test)]
mod tests;
