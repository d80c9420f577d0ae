//! The agent's side of a channel: ours, at the container.

use std::collections::{BTreeMap, VecDeque};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use neargate_ids::{Rng, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::cipher::Cipher;
use crate::message::{
    ACKNOWLEDGE, CLOSED, FIN, INPUT, Malformed, Message, OUTPUT, SYN, new_id, payload_kind,
};
use crate::payload::{
    Acknowledgement, Challenge, ChannelClosed, EncryptionRequest, EncryptionResponse,
    HandshakeComplete, HandshakeRequest, HandshakeResponse, RequestedAction, Size,
};

/// The agent that we are as good as, for whoever looks at its version.
const VERSION: &str = "3.3.0.0";

/// What was not acknowledged after this is sent again.
const RESEND_MS: i64 = 500;

/// Messages that came too early are kept, up to this number.
const EARLY: usize = 256;

/// The flag by which a client ends the session.
const TERMINATE: u32 = 2;

/// A session in which nothing is typed and nothing printed ends after this.
/// Source: "Monitor Amazon ECS containers with ECS Exec", considerations.
const IDLE_MS: i64 = 20 * 60 * 1000;

/// What a client is to do that the session's kind or its key asks for.
const SESSION_TYPE: &str = "SessionType";
const ENCRYPTION: &str = "KMSEncryption";

/// What people read when the handshake of an encrypted session is over.
const ENCRYPTED: &str = "This session is encrypted using AWS KMS.";

/// What a client has said.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// The data key of the client, as KMS has encrypted it: it is to be decrypted, and given
    /// to [`Agent::encrypt_with`].
    DataKey(Vec<u8>),
    /// The client has got no data key, and says why: [`Agent::go_on_unencrypted`], or the end.
    NoDataKey(String),
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
    handshake: Handshake,
    cipher: Option<Cipher>,
    /// When last something was typed or printed.
    active_at: Timestamp,
}

/// How far the handshake is.
#[derive(Debug, PartialEq, Eq)]
enum Handshake {
    /// The client was asked; whether also for a data key.
    Asked {
        for_key: bool,
    },
    /// What the client said of the key is being looked into.
    Key,
    /// The client is to send these bytes back.
    Challenged(Vec<u8>),
    Done,
}

struct Sent {
    number: i64,
    bytes: Vec<u8>,
    at: Timestamp,
}

impl Agent {
    /// Begins the handshake of a session in which `command` is to run, encrypted where there
    /// is a key for it.
    pub fn begin(
        session_id: &str,
        command: &str,
        kms_key_id: Option<&str>,
        rng: Rng,
        now: Timestamp,
    ) -> Self {
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
            handshake: Handshake::Asked { for_key: kms_key_id.is_some() },
            cipher: None,
            active_at: now,
        };
        let kind = json!({
            "SessionType": "InteractiveCommands",
            "Properties": { "commands": agent.command },
        });
        let action = |action_type: &str, action_parameters| RequestedAction {
            action_type: action_type.into(),
            action_parameters,
        };
        let mut actions = vec![action(SESSION_TYPE, kind)];
        if let Some(key) = kms_key_id {
            let asked = json!(EncryptionRequest { kms_key_id: key.to_owned() });
            actions.push(action(ENCRYPTION, asked));
        }
        let request =
            HandshakeRequest { agent_version: VERSION.into(), requested_client_actions: actions };
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
        match message.payload_kind {
            payload_kind::HANDSHAKE_RESPONSE => self.hear_response(&message, now),
            payload_kind::CHALLENGE_RESPONSE => self.hear_challenge(&message, now),
            payload_kind::BYTES => {
                let payload = message.payload;
                let typed = match &self.cipher {
                    Some(cipher) => cipher.open(&payload)?,
                    None => payload,
                };
                self.active_at = now;
                Ok(Some(Heard::Typed(typed)))
            }
            payload_kind::SIZE => {
                let size: Size = parse(&message)?;
                let within = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
                Ok(Some(Heard::Resized { columns: within(size.cols), rows: within(size.rows) }))
            }
            payload_kind::FLAG => {
                let flag = message.payload.try_into().map(u32::from_be_bytes);
                Ok((flag == Ok(TERMINATE)).then_some(Heard::Terminate))
            }
            _ => Ok(None),
        }
    }

    /// The handshake is answered once: what comes later changes nothing.
    fn hear_response(
        &mut self,
        message: &Message,
        now: Timestamp,
    ) -> Result<Option<Heard>, Malformed> {
        let Handshake::Asked { for_key } = self.handshake else { return Ok(None) };
        let response: HandshakeResponse = parse(message)?;
        let mut key = None;
        for action in response.processed_client_actions {
            let kind = action.action_type.as_str();
            if action.action_status != 1 {
                let (status, error) = (action.action_status, &action.error);
                let why = format!("{kind} failed on client with status {status} error: {error}");
                if kind != ENCRYPTION {
                    return Ok(Some(Heard::Refused(why)));
                }
                self.handshake = Handshake::Key;
                return Ok(Some(Heard::NoDataKey(why)));
            }
            if kind == ENCRYPTION {
                key = serde_json::from_value::<EncryptionResponse>(action.action_result).ok();
            }
        }
        if let Some(why) = response.errors.and_then(|errors| errors.into_iter().next()) {
            return Ok(Some(Heard::Refused(why)));
        }
        if !for_key {
            return Ok(Some(self.complete("", now)));
        }
        self.handshake = Handshake::Key;
        let key = key.and_then(|key| STANDARD.decode(key.encrypted_key).ok());
        Ok(Some(match key {
            Some(key) => Heard::DataKey(key),
            None => Heard::NoDataKey(format!("the client did not process action {ENCRYPTION}")),
        }))
    }

    /// Encrypts from now on, and has the client prove that it does so too, by the random
    /// bytes of `challenge`. False: this is no data key.
    pub fn encrypt_with(&mut self, data_key: &[u8], challenge: &[u8], now: Timestamp) -> bool {
        let Some(mut cipher) = Cipher::of_agent(data_key) else { return false };
        let payload = Challenge { challenge: STANDARD.encode(cipher.seal(challenge)) };
        self.cipher = Some(cipher);
        self.handshake = Handshake::Challenged(challenge.to_vec());
        self.stream(payload_kind::CHALLENGE, json_of(&payload), now);
        true
    }

    /// Ends the handshake without a key, and tells the client why.
    pub fn go_on_unencrypted(&mut self, why: &str, now: Timestamp) -> Heard {
        self.complete(why, now)
    }

    fn hear_challenge(
        &mut self,
        message: &Message,
        now: Timestamp,
    ) -> Result<Option<Heard>, Malformed> {
        let Handshake::Challenged(expected) = &self.handshake else { return Ok(None) };
        let Some(cipher) = &self.cipher else { return Ok(None) };
        let answer: Challenge = parse(message)?;
        let answer = STANDARD.decode(answer.challenge).ok();
        let answer = answer.and_then(|answer| cipher.open(&answer).ok());
        Ok(Some(match answer.as_ref() == Some(expected) {
            true => self.complete(ENCRYPTED, now),
            false => Heard::Refused("Encryption challenge does not match!".into()),
        }))
    }

    fn complete(&mut self, customer_message: &str, now: Timestamp) -> Heard {
        let complete = HandshakeComplete {
            handshake_time_to_complete: now.millis_since(self.began_at) * 1_000_000,
            customer_message: customer_message.to_owned(),
        };
        self.handshake = Handshake::Done;
        self.active_at = now;
        self.stream(payload_kind::HANDSHAKE_COMPLETE, json_of(&complete), now);
        Heard::Ready
    }

    /// Whether nothing was typed and nothing printed for so long that the session ends.
    pub fn is_idle(&self, now: Timestamp) -> bool {
        now.millis_since(self.active_at) >= IDLE_MS
    }

    /// What the process printed.
    pub fn print(&mut self, bytes: &[u8], now: Timestamp) {
        self.active_at = now;
        let payload = self.sealed(bytes.to_vec());
        self.stream(payload_kind::BYTES, payload, now);
    }

    /// How the process ended: for clients that want to know.
    pub fn exit_code(&mut self, code: i32, now: Timestamp) {
        let payload = self.sealed(code.to_string().into_bytes());
        self.stream(payload_kind::EXIT_CODE, payload, now);
    }

    fn sealed(&mut self, payload: Vec<u8>) -> Vec<u8> {
        match &mut self.cipher {
            Some(cipher) => cipher.seal(&payload),
            None => payload,
        }
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

    /// The client is there again, over another connection: what it has not acknowledged is
    /// sent again. What it had sent and was not acknowledged to it comes again from there.
    pub fn resume(&mut self, now: Timestamp) {
        self.to_send.clear();
        for sent in &mut self.unacknowledged {
            sent.at = now;
            self.to_send.push(sent.bytes.clone());
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
