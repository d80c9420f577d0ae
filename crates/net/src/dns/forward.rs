//! Questions that are nobody's here, passed on to the host's resolvers from
//! the host's own network. Bounded in number and in time: when too many are
//! under way, the next is told so at once.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_server::proto::op::{Message, ResponseCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Reply;

const UNDER_WAY: usize = 256;
/// For one resolver; a stub resolver in a container gives up after 5 s.
const PATIENCE: Duration = Duration::from_secs(2);
const LARGEST_UDP: usize = 4096;

pub(super) struct Forwarder {
    upstreams: Vec<SocketAddr>,
    under_way: Semaphore,
}

/// The resolvers that the host uses, from /etc/resolv.conf.
pub fn host_resolvers() -> Vec<SocketAddr> {
    nameservers(&fs::read_to_string("/etc/resolv.conf").unwrap_or_default())
}

fn nameservers(resolv_conf: &str) -> Vec<SocketAddr> {
    let mut servers = Vec::new();
    for line in resolv_conf.lines() {
        let mut words = line.split_whitespace();
        if words.next() == Some("nameserver")
            && let Some(Ok(ip)) = words.next().map(str::parse::<IpAddr>)
        {
            servers.push(SocketAddr::from((ip, super::PORT)));
        }
    }
    servers
}

impl Forwarder {
    pub fn new(upstreams: Vec<SocketAddr>) -> Self {
        Self { upstreams, under_way: Semaphore::new(UNDER_WAY) }
    }

    pub async fn forward(&self, question: &[u8]) -> Reply {
        let Ok(_permit) = self.under_way.try_acquire() else {
            tracing::warn!("{UNDER_WAY} DNS questions are under way: one more was refused");
            return Reply::code(ResponseCode::ServFail);
        };
        for upstream in &self.upstreams {
            match timeout(PATIENCE, ask(*upstream, question)).await {
                Ok(Ok(message)) => {
                    return Reply {
                        code: message.metadata.response_code,
                        ours: false,
                        answers: message.answers,
                        authorities: message.authorities,
                    };
                }
                Ok(Err(error)) => tracing::debug!(%upstream, %error, "a resolver failed"),
                Err(_) => tracing::debug!(%upstream, "a resolver did not answer"),
            }
        }
        Reply::code(ResponseCode::ServFail)
    }
}

async fn ask(upstream: SocketAddr, question: &[u8]) -> io::Result<Message> {
    let message = ask_udp(upstream, question).await?;
    if message.metadata.truncation {
        return ask_tcp(upstream, question).await;
    }
    Ok(message)
}

async fn ask_udp(upstream: SocketAddr, question: &[u8]) -> io::Result<Message> {
    let any = match upstream {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((std::net::Ipv6Addr::UNSPECIFIED, 0)),
    };
    // A port of its own for each question: an answer can't be guessed from
    // elsewhere, and a connected socket hears only this server.
    let socket = UdpSocket::bind(any).await?;
    socket.connect(upstream).await?;
    socket.send(question).await?;
    let mut buffer = vec![0; LARGEST_UDP];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let answer = &buffer[..length];
        // Anything else is a stray; keep listening until patience ends.
        if length >= 2 && answer[..2] == question[..2] {
            return parse(answer);
        }
    }
}

async fn ask_tcp(upstream: SocketAddr, question: &[u8]) -> io::Result<Message> {
    let mut stream = TcpStream::connect(upstream).await?;
    let length = u16::try_from(question.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), question].concat()).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    parse(&answer)
}

fn parse(answer: &[u8]) -> io::Result<Message> {
    Message::from_vec(answer).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolv_conf_is_read_as_the_libc_reads_it() {
        let servers = nameservers(
            "# x\nnameserver 10.0.0.1\n nameserver\t::1 # y\nsearch a\nnameserver bad\n",
        );
        assert_eq!(servers, ["10.0.0.1:53".parse().unwrap(), "[::1]:53".parse().unwrap()]);
    }
}
