//! The resolver of a VPC: listens inside the router at the two addresses that
//! a VPC's resolver has, over UDP and TCP, and asks the caller about each name.
//!
//! The router that a question comes in by tells the VPC and its source address
//! the interface, so two VPCs, or two tasks, may be told different things about
//! one name. What the caller does not know goes to the host's own resolvers, if
//! that interface may reach the internet, and does not exist otherwise.
//!
//! This file knows names and records; it holds none.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_server::Server;
use hickory_server::proto::op::{Edns, MessageType, Metadata, OpCode, ResponseCode};
use hickory_server::proto::rr::rdata::{A, CNAME, PTR, SRV, TXT};
use hickory_server::proto::rr::{DNSClass, Name, RData, Record as WireRecord, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;

use crate::error::NetError;
use crate::net::Net;
use crate::spec::{DNS_LINK_LOCAL, Egress, Place};

mod forward;

use forward::Forwarder;
pub use forward::host_resolvers;

const PORT: u16 = 53;
const TCP_IDLE: Duration = Duration::from_secs(10);
/// Answers waiting to be written on one TCP connection.
const TCP_ANSWERS: usize = 16;

/// What the caller is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question<'a> {
    pub vpc_id: &'a str,
    /// Address of the interface that asks.
    pub source: Ipv4Addr,
    /// Lower case, without the dot at the end.
    pub name: &'a str,
    pub kind: Kind,
}

/// The kinds of records that anything of ours has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    A,
    Aaaa,
    Cname,
    Ptr,
    Srv,
    Txt,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// None of the caller's names.
    NotMine,
    /// It would be the caller's, but does not exist.
    NoSuchName,
    /// It exists; without records, it has none of that kind. A chain of names
    /// is given whole: the CNAME and the addresses of its target.
    Records(Vec<Record>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose record it is; the name that was asked, when `None`.
    pub owner: Option<String>,
    pub ttl_s: u32,
    pub data: Data,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    A(Ipv4Addr),
    Cname(String),
    Ptr(String),
    Srv { priority: u16, weight: u16, port: u16, target: String },
    Txt(Vec<String>),
}

impl Answer {
    /// Addresses of the name that was asked.
    pub fn addresses(ttl_s: u32, ips: impl IntoIterator<Item = Ipv4Addr>) -> Self {
        let record = |ip| Record { owner: None, ttl_s, data: Data::A(ip) };
        Self::Records(ips.into_iter().map(record).collect())
    }
}

/// Who knows the names. Called for every question on the runtime's threads, so
/// it must not block.
pub trait Resolver: Send + Sync + 'static {
    fn lookup(&self, question: Question<'_>) -> Answer;
}

impl<F> Resolver for F
where
    F: Fn(Question<'_>) -> Answer + Send + Sync + 'static,
{
    fn lookup(&self, question: Question<'_>) -> Answer {
        self(question)
    }
}

/// A running resolver; it ends when this is dropped.
pub struct DnsServer {
    _server: Server<Handler>,
}

/// Starts the resolver of one VPC. `upstreams` are asked in order; see
/// [`host_resolvers`]. Needs a tokio runtime with IO and time.
pub fn serve(
    net: &Net,
    vpc_id: &str,
    vpc_resolver: Ipv4Addr,
    resolver: Arc<dyn Resolver>,
    upstreams: Vec<SocketAddr>,
) -> Result<DnsServer, NetError> {
    let handler = Handler {
        net: net.clone(),
        vpc_id: vpc_id.to_owned(),
        resolver,
        forwarder: Forwarder::new(upstreams),
    };
    let mut server = Server::new(handler);
    let failed = |e| NetError::io(format!("starting the resolver of {vpc_id}"), e);
    for ip in [DNS_LINK_LOCAL, vpc_resolver] {
        let at = SocketAddr::from((ip, PORT));
        let socket = net.udp_in(Place::Router(vpc_id), at)?;
        server.register_socket(tokio::net::UdpSocket::from_std(socket).map_err(failed)?);
        let listener = net.listen_in(Place::Router(vpc_id), at)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
        server.register_listener(listener, TCP_IDLE, TCP_ANSWERS);
    }
    Ok(DnsServer { _server: server })
}

struct Handler {
    net: Net,
    vpc_id: String,
    resolver: Arc<dyn Resolver>,
    forwarder: Forwarder,
}

/// An answer, ready to be sent.
struct Reply {
    code: ResponseCode,
    ours: bool,
    answers: Vec<WireRecord>,
    authorities: Vec<WireRecord>,
}

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: hickory_server::net::runtime::Time>(
        &self,
        request: &Request,
        mut send: R,
    ) -> ResponseInfo {
        let reply = self.answer(request).await;
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.response_code = reply.code;
        metadata.authoritative = reply.ours;
        metadata.recursion_available = true;
        let mut edns = Edns::new();
        edns.set_max_payload(request.max_payload().clamp(512, 4096));
        let mut response = MessageResponseBuilder::from_message_request(request);
        if request.edns.is_some() {
            response.edns(&edns);
        }
        let response = response.build(metadata, &reply.answers, &reply.authorities, &[], &[]);
        match send.send_response(response).await {
            Ok(info) => info,
            Err(error) => {
                tracing::debug!(%error, "an answer could not be sent");
                let header = hickory_server::proto::op::Header {
                    metadata: Metadata::new(metadata.id, MessageType::Response, OpCode::Query),
                    counts: Default::default(),
                };
                header.into()
            }
        }
    }
}

impl Handler {
    async fn answer(&self, request: &Request) -> Reply {
        let Ok(info) = request.request_info() else {
            return Reply::code(ResponseCode::FormErr);
        };
        if info.metadata.op_code != OpCode::Query || info.query.query_class() != DNSClass::IN {
            return Reply::code(ResponseCode::NotImp);
        }
        let std::net::IpAddr::V4(source) = request.src().ip() else {
            return Reply::code(ResponseCode::Refused);
        };
        let asked = info.query.original().name();
        let name = info.query.name().to_string();
        let question = Question {
            vpc_id: &self.vpc_id,
            source,
            name: name.trim_end_matches('.'),
            kind: kind_of(info.query.query_type()),
        };
        match self.resolver.lookup(question) {
            Answer::Records(records) => Reply::records(asked, &records),
            Answer::NoSuchName => Reply { ours: true, ..Reply::code(ResponseCode::NXDomain) },
            Answer::NotMine => match self.net.egress_of(&self.vpc_id, source) {
                Egress::Internet => self.forwarder.forward(request.as_slice()).await,
                Egress::None => Reply::code(ResponseCode::NXDomain),
            },
        }
    }
}

impl Reply {
    fn code(code: ResponseCode) -> Self {
        Self { code, ours: false, answers: vec![], authorities: vec![] }
    }

    /// A name that can't be written as DNS is the caller's mistake, told in the
    /// log and to the client as a failure.
    fn records(asked: &Name, records: &[Record]) -> Self {
        let mut answers = Vec::with_capacity(records.len());
        for record in records {
            match wire_record(asked, record) {
                Ok(record) => answers.push(record),
                Err(error) => {
                    tracing::warn!(?record, %error, "a record can't be written as DNS");
                    return Self::code(ResponseCode::ServFail);
                }
            }
        }
        Self { code: ResponseCode::NoError, ours: true, answers, authorities: vec![] }
    }
}

fn wire_record(
    asked: &Name,
    record: &Record,
) -> Result<WireRecord, hickory_server::proto::ProtoError> {
    let owner = match &record.owner {
        Some(owner) => absolute(owner)?,
        None => asked.clone(),
    };
    let data = match &record.data {
        Data::A(ip) => RData::A(A(*ip)),
        Data::Cname(target) => RData::CNAME(CNAME(absolute(target)?)),
        Data::Ptr(target) => RData::PTR(PTR(absolute(target)?)),
        Data::Srv { priority, weight, port, target } => {
            RData::SRV(SRV::new(*priority, *weight, *port, absolute(target)?))
        }
        Data::Txt(texts) => RData::TXT(TXT::new(texts.clone())),
    };
    Ok(WireRecord::from_rdata(owner, record.ttl_s, data))
}

fn absolute(name: &str) -> Result<Name, hickory_server::proto::ProtoError> {
    let mut name = Name::from_ascii(name)?;
    name.set_fqdn(true);
    Ok(name)
}

fn kind_of(kind: RecordType) -> Kind {
    match kind {
        RecordType::A => Kind::A,
        RecordType::AAAA => Kind::Aaaa,
        RecordType::CNAME => Kind::Cname,
        RecordType::PTR => Kind::Ptr,
        RecordType::SRV => Kind::Srv,
        RecordType::TXT => Kind::Txt,
        _ => Kind::Other,
    }
}
