//! What stands in payloads, and in the text that opens a channel.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The client's first message, a text.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Opening {
    pub message_schema_version: String,
    pub request_id: String,
    pub token_value: String,
    pub client_id: String,
    pub client_version: String,
    /// Ours alone: the client wants to be told the process's exit code, which the plugin
    /// would print.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub wants_exit_code: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Acknowledgement {
    pub acknowledged_message_type: String,
    pub acknowledged_message_id: String,
    pub acknowledged_message_sequence_number: i64,
    pub is_sequential_message: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeRequest {
    pub agent_version: String,
    pub requested_client_actions: Vec<RequestedAction>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RequestedAction {
    pub action_type: String,
    pub action_parameters: Value,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeResponse {
    pub client_version: String,
    pub processed_client_actions: Vec<ProcessedAction>,
    #[serde(default)]
    pub errors: Option<Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProcessedAction {
    pub action_type: String,
    /// 1: done; 2: failed; 3: not known.
    pub action_status: i32,
    pub action_result: Value,
    pub error: String,
}

/// What is asked of a client by the action `KMSEncryption`.
#[derive(Debug, Serialize, Deserialize)]
pub struct EncryptionRequest {
    #[serde(rename = "KMSKeyId")]
    pub kms_key_id: String,
}

/// What the client answers: a data key as KMS has encrypted it, in base64.
#[derive(Debug, Serialize, Deserialize)]
pub struct EncryptionResponse {
    #[serde(rename = "KMSCipherTextKey")]
    pub encrypted_key: String,
}

/// Random bytes in base64, encrypted: whoever sends them back encrypted has the key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Challenge {
    pub challenge: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeComplete {
    /// In nanoseconds.
    pub handshake_time_to_complete: i64,
    pub customer_message: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChannelClosed {
    pub message_id: String,
    pub created_date: String,
    pub destination_id: String,
    pub session_id: String,
    pub message_type: String,
    pub schema_version: i32,
    pub output: String,
}

/// The size of a terminal.
#[derive(Debug, Serialize, Deserialize)]
pub struct Size {
    pub cols: u32,
    pub rows: u32,
}
