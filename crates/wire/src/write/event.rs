//! A message of `application/vnd.amazon.eventstream`:
//!
//! ```text
//! length u32 | length of the headers u32 | CRC-32 of both | headers | payload | CRC-32 of all
//! header: length of the name u8 | name | 7 (text) | length u16 | text
//! ```
//!
//! Numbers are big-endian. Source: Smithy's specification of "Amazon Event Stream".

/// Of a header whose value is text.
const TEXT: u8 = 7;

/// What is around headers and payload: two lengths and two checksums.
const AROUND: usize = 16;

/// One message. Names and values of headers are ours, and short.
pub fn event(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut names = Vec::new();
    for (name, value) in headers {
        names.push(name.len() as u8);
        names.extend(name.as_bytes());
        names.push(TEXT);
        names.extend((value.len() as u16).to_be_bytes());
        names.extend(value.as_bytes());
    }
    let length = (AROUND + names.len() + payload.len()) as u32;
    let mut message = length.to_be_bytes().to_vec();
    message.extend((names.len() as u32).to_be_bytes());
    message.extend(crc32fast::hash(&message).to_be_bytes());
    message.extend(names);
    message.extend(payload);
    message.extend(crc32fast::hash(&message).to_be_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_framed_as_the_specification_has_it() {
        let message = event(&[("event-type", "x")], b"{}");
        assert_eq!(
            message.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            concat!(
                "00000021",
                "0000000f",
                "093cc44c",
                "0a6576656e742d74797065",
                "07",
                "0001",
                "78",
                "7b7d",
                "bcc218cd",
            )
        );
    }
}
