//! What a mailbox is sent. Pure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use neargate_api::Timestamp;

/// Who mail comes from.
pub const FROM: &str = "no-reply@neargate.localhost";

/// A mail, before it is a message of RFC 5322.
#[derive(Debug, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub message_id: String,
    pub at: Timestamp,
}

impl Mail {
    /// The question whether the mailbox wants to be subscribed.
    pub fn question(to: &str, topic: &str, url: &str, message_id: String, at: Timestamp) -> Self {
        Mail {
            to: to.to_owned(),
            subject: "AWS Notification - Subscription Confirmation".into(),
            text: format!(
                "You have chosen to subscribe to the topic:\n{topic}\n\n\
                 To confirm this subscription, click or visit the link below \
                 (If this was in error no action is necessary):\n{url}\n\n\
                 Please do not reply directly to this email.\n"
            ),
            message_id,
            at,
        }
    }

    /// The message as it goes over the wire, its lines ended by CR LF.
    pub fn message(&self) -> String {
        let mut message = String::new();
        let mut header =
            |name: &str, value: &str| message.push_str(&format!("{name}: {value}\r\n"));
        header("From", &format!("\"AWS Notifications\" <{FROM}>"));
        header("To", &self.to);
        header("Subject", &encoded(&self.subject));
        header("Date", &self.at.format("%a, %d %b %Y %H:%M:%S +0000"));
        header("Message-ID", &format!("<{}@neargate.localhost>", self.message_id));
        header("MIME-Version", "1.0");
        header("Content-Type", "text/plain; charset=UTF-8");
        header("Content-Transfer-Encoding", "base64");
        message.push_str("\r\n");
        let body = BASE64.encode(self.text.as_bytes());
        for line in body.as_bytes().chunks(76) {
            message.push_str(&String::from_utf8_lossy(line));
            message.push_str("\r\n");
        }
        message
    }
}

/// The text of a notification's mail, with the way out of the subscription.
pub fn text(message: &str, unsubscribe_url: &str) -> String {
    format!(
        "{message}\n\n--\nIf you wish to stop receiving notifications from this topic, please click \
         or visit the link below to unsubscribe:\n{unsubscribe_url}\n\n\
         Please do not reply directly to this email.\n"
    )
}

/// A header's text: as it is, or, where it has more than ASCII, as RFC 2047 encodes it.
fn encoded(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_owned(),
        false => format!("=?UTF-8?B?{}?=", BASE64.encode(text)),
    }
}
