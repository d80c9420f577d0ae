//! Both sides of a channel, one against the other.

use super::*;
use crate::{Client, DataKey, Told};

fn at(ms: i64) -> Timestamp {
    Timestamp(1_767_323_045_000 + ms)
}

fn both() -> (Agent, Client) {
    let agent = Agent::begin("ecs-execute-command-1", "/bin/sh", None, Rng::seeded(1), at(0));
    (agent, Client::new(Rng::seeded(2), None))
}

/// The same with a KMS key for the session, of which the client has the data key, or none.
fn both_with_key(data_key: Option<DataKey>) -> (Agent, Client) {
    let key = Some("alias/sessions");
    let agent = Agent::begin("ecs-execute-command-1", "/bin/sh", key, Rng::seeded(1), at(0));
    (agent, Client::new(Rng::seeded(2), data_key))
}

fn data_key() -> DataKey {
    DataKey { plain: (0..64).collect(), encrypted: b"out of KMS".to_vec() }
}

/// Carries messages until neither side has any; what was heard and told.
fn exchange(agent: &mut Agent, client: &mut Client, now: Timestamp) -> (Vec<Heard>, Vec<Told>) {
    let (mut heard, mut told) = (Vec::new(), Vec::new());
    loop {
        let (down, up) = (agent.outgoing(), client.outgoing());
        if down.is_empty() && up.is_empty() {
            return (heard, told);
        }
        for bytes in down {
            told.extend(client.take(&bytes, now).unwrap());
        }
        for bytes in up {
            heard.extend(agent.take(&bytes, now).unwrap());
        }
    }
}

#[test]
fn a_session_from_its_handshake_to_its_end() {
    let (mut agent, mut client) = both();
    let (heard, told) = exchange(&mut agent, &mut client, at(3));
    assert_eq!((heard, told), (vec![Heard::Ready], vec![Told::Ready]));
    client.send_size(80, 25, at(4));
    client.send_keys(b"ls\r", at(5));
    agent.print(b"bin etc\r\n", at(6));
    let (heard, told) = exchange(&mut agent, &mut client, at(7));
    assert_eq!(heard, [Heard::Resized { columns: 80, rows: 25 }, Heard::Typed(b"ls\r".to_vec())]);
    assert_eq!(told, [Told::Printed(b"bin etc\r\n".to_vec())]);
    agent.exit_code(3, at(8));
    agent.close("", at(8));
    let (_, told) = exchange(&mut agent, &mut client, at(9));
    assert_eq!(told, [Told::ExitCode(3), Told::Closed(String::new())]);
    assert_eq!(agent.unacknowledged(), 0);
}

#[test]
fn what_is_not_acknowledged_comes_again_and_is_printed_once() {
    let (mut agent, mut client) = both();
    exchange(&mut agent, &mut client, at(0));
    agent.print(b"lost", at(10));
    agent.outgoing();
    agent.resend(at(400));
    assert_eq!(agent.outgoing().len(), 0, "it is not time yet");
    agent.resend(at(600));
    let again = agent.outgoing();
    assert_eq!(again.len(), 1);
    let printed = vec![Told::Printed(b"lost".to_vec())];
    assert_eq!(client.take(&again[0], at(600)).unwrap(), printed);
    assert_eq!(client.take(&again[0], at(600)).unwrap(), []);
    exchange(&mut agent, &mut client, at(601));
    assert_eq!(agent.unacknowledged(), 0);
}

#[test]
fn input_is_heard_in_its_order() {
    let (mut agent, mut client) = both();
    exchange(&mut agent, &mut client, at(0));
    for key in [b"a", b"b", b"c"] {
        client.send_keys(key, at(1));
    }
    let sent = client.outgoing();
    assert_eq!(agent.take(&sent[2], at(2)).unwrap(), []);
    assert_eq!(agent.take(&sent[1], at(2)).unwrap(), []);
    let typed = |text: &str| Heard::Typed(text.as_bytes().to_vec());
    assert_eq!(agent.take(&sent[0], at(2)).unwrap(), [typed("a"), typed("b"), typed("c")]);
    assert_eq!(agent.take(&sent[0], at(3)).unwrap(), []);
}

#[test]
fn the_handshake_is_what_the_plugin_reads() {
    let (mut agent, _) = both();
    let request = Message::decode(&agent.outgoing()[0]).unwrap();
    expect_test::expect![[r#"{"AgentVersion":"3.3.0.0","RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":{"Properties":{"commands":"/bin/sh"},"SessionType":"InteractiveCommands"}}]}"#]].assert_eq(&String::from_utf8_lossy(&request.payload));
    assert_eq!((request.kind.as_str(), request.number, request.flags), (OUTPUT, 0, SYN));
    assert_eq!(request.payload_kind, payload_kind::HANDSHAKE_REQUEST);
    let mut flag = request.clone();
    flag.kind = INPUT.into();
    flag.payload_kind = payload_kind::FLAG;
    flag.payload = TERMINATE.to_be_bytes().to_vec();
    assert_eq!(agent.take(&flag.encode(), at(1)).unwrap(), [Heard::Terminate]);
}

#[test]
fn a_session_with_a_key_is_encrypted_both_ways() {
    let (mut agent, mut client) = both_with_key(Some(data_key()));
    let (heard, told) = exchange(&mut agent, &mut client, at(1));
    assert_eq!((heard, told), (vec![Heard::DataKey(b"out of KMS".to_vec())], vec![]));
    assert!(!agent.encrypt_with(b"too short", &[7; 64], at(2)));
    assert!(agent.encrypt_with(&data_key().plain, &[7; 64], at(2)));
    let (heard, told) = exchange(&mut agent, &mut client, at(3));
    assert_eq!((heard, told), (vec![Heard::Ready], vec![Told::Ready]));
    client.send_keys(b"secret keys", at(4));
    agent.print(b"secret output", at(4));
    agent.exit_code(7, at(4));
    let (down, up) = (agent.outgoing(), client.outgoing());
    for bytes in down.iter().chain(&up) {
        assert!(!bytes.windows(6).any(|part| part == b"secret"), "it is readable");
    }
    let told: Vec<Told> = down.iter().flat_map(|b| client.take(b, at(5)).unwrap()).collect();
    assert_eq!(told, [Told::Printed(b"secret output".to_vec()), Told::ExitCode(7)]);
    assert_eq!(agent.take(&up[0], at(5)).unwrap(), [Heard::Typed(b"secret keys".to_vec())]);
}

#[test]
fn a_client_with_another_key_is_refused() {
    let (mut agent, mut client) = both_with_key(Some(data_key()));
    exchange(&mut agent, &mut client, at(1));
    let other: Vec<u8> = (1..65).collect();
    assert!(agent.encrypt_with(&other, &[7; 64], at(2)));
    let challenge = agent.outgoing().remove(0);
    let why = Malformed("the ciphertext cannot be decrypted");
    assert_eq!(client.take(&challenge, at(3)), Err(why));
    // And one that answers with something else.
    let (mut agent, mut client) = both_with_key(Some(data_key()));
    exchange(&mut agent, &mut client, at(1));
    agent.encrypt_with(&data_key().plain, &[7; 64], at(2));
    let wrong = Challenge { challenge: STANDARD.encode(b"no ciphertext of anybody's key") };
    client.stream(payload_kind::CHALLENGE_RESPONSE, json_of(&wrong), at(3));
    let sent = client.outgoing().remove(0);
    let why = Heard::Refused("Encryption challenge does not match!".into());
    assert_eq!(agent.take(&sent, at(3)).unwrap(), [why]);
}

#[test]
fn a_client_without_a_key_goes_on_only_when_it_may() {
    let (mut agent, mut client) = both_with_key(None);
    let (heard, _) = exchange(&mut agent, &mut client, at(1));
    let why = "KMSEncryption failed on client with status 2 error: Failed to process action KMSEncryption: no data key";
    assert_eq!(heard, [Heard::NoDataKey(why.into())]);
    assert_eq!(agent.go_on_unencrypted("not encrypted", at(2)), Heard::Ready);
    let (_, told) = exchange(&mut agent, &mut client, at(3));
    assert_eq!(told, [Told::Ready]);
}

#[test]
fn a_client_that_comes_back_gets_what_it_had_not() {
    let (mut agent, mut client) = both();
    exchange(&mut agent, &mut client, at(0));
    agent.print(b"one", at(1));
    let printed = agent.outgoing().remove(0);
    client.take(&printed, at(1)).unwrap();
    // The connection breaks: its acknowledgement is lost, and so is what comes next.
    client.outgoing();
    agent.print(b"two", at(2));
    client.send_keys(b"typed meanwhile", at(2));
    agent.outgoing();
    agent.resume(at(3));
    let (heard, told) = exchange(&mut agent, &mut client, at(3));
    assert_eq!(told, [Told::Printed(b"two".to_vec())]);
    assert_eq!(heard, [Heard::Typed(b"typed meanwhile".to_vec())]);
    assert_eq!(agent.unacknowledged(), 0);
}

#[test]
fn a_session_is_idle_when_nobody_types_and_nothing_is_printed() {
    let (mut agent, mut client) = both();
    exchange(&mut agent, &mut client, at(0));
    let minutes = |n: i64| n * 60_000;
    assert!(!agent.is_idle(at(minutes(19))));
    assert!(agent.is_idle(at(minutes(20))));
    agent.print(b"a line", at(minutes(15)));
    exchange(&mut agent, &mut client, at(minutes(34)));
    assert!(!agent.is_idle(at(minutes(34))));
    assert!(agent.is_idle(at(minutes(35))), "that it was acknowledged later is no activity");
    client.send_keys(b"a", at(minutes(30)));
    exchange(&mut agent, &mut client, at(minutes(30)));
    assert!(!agent.is_idle(at(minutes(49))));
}
