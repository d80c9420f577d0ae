//! The client's side of a channel: `neargate exec`, and what the agent is tested with.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_ids::{Rng, Timestamp};
use serde_json::{Value, json};

use crate::agent::{json_of, parse};
use crate::cipher::Cipher;
use crate::message::{
    ACKNOWLEDGE, CLOSED, INPUT, Malformed, Message, OUTPUT, new_id, payload_kind,
};
use crate::payload::{
    Acknowledgement, Challenge, ChannelClosed, EncryptionResponse, HandshakeRequest,
    HandshakeResponse, Opening, ProcessedAction, RequestedAction, Size,
};

/// What the agent has told.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// The handshake is over: keys may be sent.
    Ready,
    Printed(Vec<u8>),
    ExitCode(i32),
    /// The session is over, and why, where it is no ordinary end.
    Closed(String),
}

/// The channel, from the client's side.
pub struct Client {
    rng: Rng,
    next: i64,
    expected: i64,
    early: BTreeMap<i64, Message>,
    to_send: Vec<Vec<u8>>,
    data_key: Option<DataKey>,
    cipher: Option<Cipher>,
}

/// A data key out of KMS, both ways, for a session that is to be encrypted.
#[derive(Clone)]
pub struct DataKey {
    pub plain: Vec<u8>,
    pub encrypted: Vec<u8>,
}

impl Client {
    pub fn new(rng: Rng, data_key: Option<DataKey>) -> Self {
        Client {
            rng,
            next: 0,
            expected: 0,
            early: BTreeMap::new(),
            to_send: Vec::new(),
            data_key,
            cipher: None,
        }
    }

    /// The text that opens the channel.
    pub fn opening(&self, token: &str) -> String {
        let opening = Opening {
            message_schema_version: "1.0".into(),
            request_id: self.rng.uuid(),
            token_value: token.into(),
            client_id: self.rng.uuid(),
            client_version: "1.2.0.0".into(),
            wants_exit_code: true,
        };
        String::from_utf8_lossy(&json_of(&opening)).into_owned()
    }

    /// Takes a message of the agent.
    pub fn take(&mut self, bytes: &[u8], now: Timestamp) -> Result<Vec<Told>, Malformed> {
        let message = Message::decode(bytes)?;
        match message.kind.as_str() {
            CLOSED => {
                let closed: ChannelClosed = parse(&message)?;
                Ok(vec![Told::Closed(closed.output)])
            }
            OUTPUT => self.take_output(message, now),
            _ => Ok(Vec::new()),
        }
    }

    fn take_output(&mut self, message: Message, now: Timestamp) -> Result<Vec<Told>, Malformed> {
        self.acknowledge(&message, now);
        if message.number >= self.expected {
            self.early.insert(message.number, message);
        }
        let mut told = Vec::new();
        while let Some(message) = self.early.remove(&self.expected) {
            self.expected += 1;
            match message.payload_kind {
                payload_kind::HANDSHAKE_REQUEST => self.answer(&parse(&message)?, now),
                payload_kind::CHALLENGE => self.answer_challenge(&parse(&message)?, now)?,
                payload_kind::HANDSHAKE_COMPLETE => told.push(Told::Ready),
                payload_kind::BYTES => told.push(Told::Printed(self.opened(message.payload)?)),
                payload_kind::EXIT_CODE => {
                    let payload = self.opened(message.payload)?;
                    let code = String::from_utf8_lossy(&payload).parse();
                    told.push(Told::ExitCode(code.map_err(|_| Malformed("no exit code"))?));
                }
                _ => {}
            }
        }
        Ok(told)
    }

    fn answer(&mut self, request: &HandshakeRequest, now: Timestamp) {
        let actions = request.requested_client_actions.iter();
        let response = HandshakeResponse {
            client_version: "1.2.0.0".into(),
            processed_client_actions: actions.map(|action| self.process(action)).collect(),
            errors: None,
        };
        self.stream(payload_kind::HANDSHAKE_RESPONSE, json_of(&response), now);
    }

    fn process(&self, action: &RequestedAction) -> ProcessedAction {
        let mut done = ProcessedAction {
            action_type: action.action_type.clone(),
            action_status: 1,
            action_result: Value::Null,
            error: String::new(),
        };
        if action.action_type == "KMSEncryption" {
            match &self.data_key {
                Some(key) => {
                    let encrypted_key = STANDARD.encode(&key.encrypted);
                    done.action_result = json!(EncryptionResponse { encrypted_key });
                }
                None => {
                    done.action_status = 2;
                    done.error = "Failed to process action KMSEncryption: no data key".into();
                }
            }
        }
        done
    }

    /// Sends the agent's random bytes back: who can has the key.
    fn answer_challenge(&mut self, asked: &Challenge, now: Timestamp) -> Result<(), Malformed> {
        let cipher = self.data_key.as_ref().and_then(|key| Cipher::of_client(&key.plain));
        let mut cipher = cipher.ok_or(Malformed("there is no key for the challenge"))?;
        let sealed = STANDARD.decode(&asked.challenge);
        let plain = cipher.open(&sealed.map_err(|_| Malformed("the challenge is no base64"))?)?;
        let answer = Challenge { challenge: STANDARD.encode(cipher.seal(&plain)) };
        self.cipher = Some(cipher);
        self.stream(payload_kind::CHALLENGE_RESPONSE, json_of(&answer), now);
        Ok(())
    }

    fn opened(&self, payload: Vec<u8>) -> Result<Vec<u8>, Malformed> {
        match &self.cipher {
            Some(cipher) => cipher.open(&payload),
            None => Ok(payload),
        }
    }

    /// Keys that were typed.
    pub fn send_keys(&mut self, bytes: &[u8], now: Timestamp) {
        let payload = match &mut self.cipher {
            Some(cipher) => cipher.seal(bytes),
            None => bytes.to_vec(),
        };
        self.stream(payload_kind::BYTES, payload, now);
    }

    /// The size of the terminal.
    pub fn send_size(&mut self, columns: u16, rows: u16, now: Timestamp) {
        let size = Size { cols: columns.into(), rows: rows.into() };
        self.stream(payload_kind::SIZE, json_of(&size), now);
    }

    /// What is to be sent now.
    pub fn outgoing(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.to_send)
    }

    pub(crate) fn stream(&mut self, payload_kind: u32, payload: Vec<u8>, now: Timestamp) {
        let mut message = self.message(INPUT, payload_kind, payload, now);
        message.number = self.next;
        self.next += 1;
        self.to_send.push(message.encode());
    }

    fn acknowledge(&mut self, of: &Message, now: Timestamp) {
        let payload = json_of(&Acknowledgement {
            acknowledged_message_type: of.kind.clone(),
            acknowledged_message_id: of.id_text(),
            acknowledged_message_sequence_number: of.number,
            is_sequential_message: true,
        });
        let message = self.message(ACKNOWLEDGE, 0, payload, now);
        self.to_send.push(message.encode());
    }

    fn message(&self, kind: &str, payload_kind: u32, payload: Vec<u8>, now: Timestamp) -> Message {
        let id = new_id(&self.rng);
        let kind = kind.to_owned();
        Message { kind, created_at: now, number: 0, flags: 0, id, payload_kind, payload }
    }
}
