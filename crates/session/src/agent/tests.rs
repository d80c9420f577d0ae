//! Both sides of a channel, one against the other.

use super::*;
use crate::{Client, Told};

fn at(ms: i64) -> Timestamp {
    Timestamp(1_767_323_045_000 + ms)
}

fn both() -> (Agent, Client) {
    let agent = Agent::begin("ecs-execute-command-1", "/bin/sh", Rng::seeded(1), at(0));
    (agent, Client::new(Rng::seeded(2)))
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
