//! Hands a mail to a relay, by as much of SMTP as that needs.
//!
//! Source: RFC 5321.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::mail::{FROM, Mail};
use crate::send::Refusal;

const PATIENCE: Duration = Duration::from_secs(30);

/// Hands it in at `relay`, a host and its port.
pub async fn hand_in(relay: &str, mail: &Mail) -> Result<(), Refusal> {
    match tokio::time::timeout(PATIENCE, spoken(relay, mail)).await {
        Ok(spoken) => spoken,
        Err(_) => Err(passing(format!("the relay {relay} did not answer"))),
    }
}

fn passing(why: impl Into<String>) -> Refusal {
    Refusal { why: why.into(), may_pass: true }
}

async fn spoken(relay: &str, mail: &Mail) -> Result<(), Refusal> {
    let broken = |error: std::io::Error| passing(format!("the relay {relay}: {error}"));
    let stream = TcpStream::connect(relay).await.map_err(broken)?;
    let mut stream = BufReader::new(stream);
    expect(&mut stream, relay, 220).await?;
    let lines = [
        ("EHLO neargate.localhost".to_owned(), 250),
        (format!("MAIL FROM:<{FROM}>"), 250),
        (format!("RCPT TO:<{}>", mail.to), 250),
        ("DATA".to_owned(), 354),
    ];
    for (line, code) in lines {
        stream.write_all(format!("{line}\r\n").as_bytes()).await.map_err(broken)?;
        expect(&mut stream, relay, code).await?;
    }
    // No line of it begins with a dot: the headers have names, and base64 has no dots.
    stream.write_all(format!("{}.\r\n", mail.message()).as_bytes()).await.map_err(broken)?;
    expect(&mut stream, relay, 250).await?;
    // It is taken: whether the relay hears the end of it is no matter.
    let _ = stream.write_all(b"QUIT\r\n").await;
    Ok(())
}

/// Reads a reply, of one line or several, which must be of the code, or of its kind.
async fn expect(
    stream: &mut BufReader<TcpStream>,
    relay: &str,
    wanted: u16,
) -> Result<(), Refusal> {
    loop {
        let mut line = String::new();
        let read = stream.read_line(&mut line).await;
        let read = read.map_err(|error| passing(format!("the relay {relay}: {error}")))?;
        if read == 0 {
            return Err(passing(format!("the relay {relay} hung up")));
        }
        if line.as_bytes().get(3) == Some(&b'-') {
            continue;
        }
        let code: u16 = line.get(..3).and_then(|code| code.parse().ok()).unwrap_or_default();
        if code / 100 == wanted / 100 {
            return Ok(());
        }
        return Err(Refusal {
            why: format!("the relay said {}", line.trim()),
            may_pass: code < 500,
        });
    }
}
