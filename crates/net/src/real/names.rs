//! DNS as a task sees it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hickory_server::proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_server::proto::rr::{Name, RData, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::dns::{Answer, Data, Question, Record, serve as serve_dns};
use crate::stage::*;
use crate::*;

/// The same name is another address in each VPC; one name has too many
/// addresses for a datagram.
fn lookup(question: Question<'_>) -> Answer {
    match (question.name, question.vpc_id) {
        ("db.test", "vpc-1") => Answer::addresses(5, [Ipv4Addr::new(10, 0, 1, 1)]),
        ("db.test", _) => Answer::addresses(5, [Ipv4Addr::new(10, 0, 2, 2)]),
        ("me.test", _) => Answer::addresses(0, [question.source]),
        ("gone.test", _) => Answer::NoSuchName,
        ("many.test", _) => Answer::addresses(5, (1..200).map(|i| Ipv4Addr::new(10, 0, 9, i))),
        ("alias.test", _) => Answer::Records(vec![
            Record { owner: None, ttl_s: 60, data: Data::Cname("db.test".into()) },
            Record { owner: Some("db.test".into()), ttl_s: 5, data: Data::A([10, 0, 1, 1].into()) },
        ]),
        _ => Answer::NotMine,
    }
}

fn question(name: &str) -> Message {
    let mut message = Message::new(7, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.queries.push(Query::query(Name::from_ascii(name).unwrap(), RecordType::A));
    message
}

async fn ask(net: &Net, from: &str, server: Ipv4Addr, name: &str) -> Message {
    let socket = net.udp_in(Place::Eni(from), at("0.0.0.0", 0)).unwrap();
    let socket = tokio::net::UdpSocket::from_std(socket).unwrap();
    socket.connect((server, 53)).await.unwrap();
    socket.send(&question(name).to_vec().unwrap()).await.unwrap();
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer).await.unwrap();
    Message::from_vec(&buffer[..length]).unwrap()
}

async fn ask_tcp(net: &Net, from: &str, server: Ipv4Addr, name: &str) -> Message {
    let mut stream = net.connect_from(from, (server, 53).into()).await.unwrap();
    let question = question(name).to_vec().unwrap();
    stream.write_u16(question.len() as u16).await.unwrap();
    stream.write_all(&question).await.unwrap();
    let mut answer = vec![0; usize::from(stream.read_u16().await.unwrap())];
    stream.read_exact(&mut answer).await.unwrap();
    Message::from_vec(&answer).unwrap()
}

fn told(message: &Message) -> (ResponseCode, Vec<String>) {
    let data = |data: &RData| data.to_string();
    (message.metadata.response_code, message.answers.iter().map(|r| data(&r.data)).collect())
}

fn found(list: &[&str]) -> (ResponseCode, Vec<String>) {
    (ResponseCode::NoError, list.iter().map(|text| (*text).to_owned()).collect())
}

/// A resolver on the host, which knows one name for everybody.
async fn upstream() -> SocketAddr {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let at = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let mut message = Message::from_vec(&buffer[..length]).unwrap();
            message.metadata.message_type = MessageType::Response;
            let name = message.queries[0].name().clone();
            let data = RData::A(hickory_server::proto::rr::rdata::A(Ipv4Addr::new(192, 0, 2, 1)));
            message.answers.push(hickory_server::proto::rr::Record::from_rdata(name, 9, data));
            socket.send_to(&message.to_vec().unwrap(), from).await.unwrap();
        }
    });
    at
}

#[test]
fn each_vpc_and_each_task_has_its_own_view() {
    on_stage(|stage| async {
        let net = stage.net("a");
        let resolver = Ipv4Addr::new(10, 0, 0, 2);
        let mut servers = vec![];
        let upstream = upstream().await;
        for vpc_id in ["vpc-1", "vpc-2"] {
            net.ensure_vpc(vpc(vpc_id)).await.unwrap();
            servers
                .push(serve_dns(&net, vpc_id, resolver, Arc::new(lookup), vec![upstream]).unwrap());
        }
        net.attach_eni(eni("vpc-1", "eni-1", "10.0.1.4", &[])).await.unwrap();
        net.attach_eni(eni("vpc-2", "eni-2", "10.0.1.4", &[])).await.unwrap();
        let free = EniSpec { egress: Egress::Internet, ..eni("vpc-1", "eni-3", "10.0.1.5", &[]) };
        net.attach_eni(free).await.unwrap();

        let asked = ask(&net, "eni-1", resolver, "DB.test.").await;
        assert_eq!(told(&asked), found(&["10.0.1.1"]));
        assert!(asked.metadata.authoritative && asked.metadata.recursion_available);
        assert_eq!(told(&ask(&net, "eni-2", resolver, "db.test.").await), found(&["10.0.2.2"]));
        assert_eq!(
            told(&ask(&net, "eni-3", DNS_LINK_LOCAL, "me.test.").await),
            found(&["10.0.1.5"])
        );
        assert_eq!(
            told(&ask(&net, "eni-1", resolver, "alias.test.").await),
            found(&["db.test.", "10.0.1.1"])
        );
        assert_eq!(
            told(&ask(&net, "eni-1", resolver, "gone.test.").await),
            (ResponseCode::NXDomain, vec![])
        );
        // The rest of the world, for whom it exists.
        assert_eq!(
            told(&ask(&net, "eni-1", resolver, "example.org.").await),
            (ResponseCode::NXDomain, vec![])
        );
        assert_eq!(
            told(&ask(&net, "eni-3", resolver, "example.org.").await),
            found(&["192.0.2.1"])
        );

        let truncated = ask(&net, "eni-1", resolver, "many.test.").await;
        assert!(truncated.metadata.truncation);
        let whole = ask_tcp(&net, "eni-1", resolver, "many.test.").await;
        assert_eq!(whole.answers.len(), 199);
        drop(servers);
        net.destroy_all().await.unwrap();
        stage
    });
}
