//! base64*, jsondecode, jsonencode, textdecodebase64, textencodebase64, urlencode.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Call, Function, Outcome, Param, Wants};
use crate::{Value, json};

const STR: Param = Param::new("str", Wants::String);
const ENCODING: Param = Param::new("encoding", Wants::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("base64decode", &[STR], Wants::String, base64decode),
    Function::new("base64encode", &[STR], Wants::String, |call| {
        Ok(STANDARD.encode(call.text(0)).into())
    }),
    Function::new("base64gzip", &[STR], Wants::String, base64gzip),
    Function::new("jsondecode", &[STR], Wants::Any, jsondecode),
    Function::new(
        "jsonencode",
        &[Param::new("val", Wants::Any).nullable()],
        Wants::String,
        |call| call.string(json::encode(&call.args[0]).unwrap_or_default()),
    ),
    Function::new(
        "textdecodebase64",
        &[Param::new("source", Wants::String), ENCODING],
        Wants::String,
        decode,
    ),
    Function::new(
        "textencodebase64",
        &[Param::new("string", Wants::String), ENCODING],
        Wants::String,
        encode,
    ),
    Function::new("urlencode", &[STR], Wants::String, |call| Ok(urlencode(call.text(0)).into())),
];

fn base64decode(call: &Call<'_>) -> Outcome {
    let text = call.text(0);
    let bytes = STANDARD
        .decode(text.replace(['\r', '\n'], ""))
        .map_err(|_| format!("failed to decode base64 data {text:?}"))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| "the result of decoding the provided string is not valid UTF-8")?;
    Ok(text.into())
}

fn base64gzip(call: &Call<'_>) -> Outcome {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(call.text(0).as_bytes()).map_err(|e| e.to_string())?;
    let bytes = encoder.finish().map_err(|e| e.to_string())?;
    Ok(STANDARD.encode(bytes).into())
}

fn jsondecode(call: &Call<'_>) -> Outcome {
    Ok(json::decode(call.text(0))?)
}

/// As for a form: a blank is `+`.
fn urlencode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Utf16 { big: bool, mark: bool },
    Latin1,
    Ascii,
}

fn charset(call: &Call<'_>) -> Result<Charset, super::Fault> {
    let name = call.text(1);
    Ok(match name.to_ascii_uppercase().as_str() {
        "UTF-8" => Charset::Utf8,
        "UTF-16LE" => Charset::Utf16 { big: false, mark: false },
        "UTF-16BE" => Charset::Utf16 { big: true, mark: false },
        "UTF-16" => Charset::Utf16 { big: true, mark: true },
        "ISO-8859-1" | "ISO_8859-1" | "LATIN1" | "L1" => Charset::Latin1,
        "US-ASCII" | "ASCII" => Charset::Ascii,
        _ => {
            return Err(call.bad(1, format!("{name:?} is not a supported IANA encoding name or alias: use UTF-8, UTF-16, UTF-16LE, UTF-16BE, ISO-8859-1 or US-ASCII")));
        }
    })
}

fn encode(call: &Call<'_>) -> Outcome {
    let text = call.text(0);
    let units = |big: bool| {
        text.encode_utf16()
            .flat_map(move |unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
    };
    let limited = |highest: u32| -> Result<Vec<u8>, super::Fault> {
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).ok().filter(|b| u32::from(*b) <= highest))
            .collect::<Option<Vec<u8>>>()
            .ok_or_else(|| {
                call.bad(
                    0,
                    format!(
                        "the given string contains characters that cannot be represented in {}",
                        call.text(1)
                    ),
                )
            })
    };
    let bytes = match charset(call)? {
        Charset::Utf8 => text.as_bytes().to_vec(),
        Charset::Utf16 { big, mark } => {
            let start: &[u8] = if mark { &[0xfe, 0xff] } else { &[] };
            start.iter().copied().chain(units(big)).collect()
        }
        Charset::Latin1 => limited(0xff)?,
        Charset::Ascii => limited(0x7f)?,
    };
    Ok(STANDARD.encode(bytes).into())
}

fn decode(call: &Call<'_>) -> Outcome {
    let charset = charset(call)?;
    let bytes =
        STANDARD.decode(call.text(0).replace(['\r', '\n'], "")).map_err(|error| match error {
            base64::DecodeError::InvalidByte(at, _) => call
                .bad(0, format!("the given value is has an invalid base64 symbol at offset {at}")),
            other => call.bad(0, format!("invalid source string: {other}")),
        })?;
    let undefined = || {
        let encoding = call.text(1).to_ascii_uppercase();
        call.bad(
            0,
            format!("the given string contains symbols that are not defined for {encoding}"),
        )
    };
    let text = match charset {
        Charset::Utf8 => String::from_utf8_lossy(&bytes).into_owned(),
        Charset::Utf16 { big, mark } => {
            let marked = mark && bytes.len() > 1;
            let (big, bytes) = match bytes.get(..2) {
                Some([0xff, 0xfe]) if marked => (false, &bytes[2..]),
                Some([0xfe, 0xff]) if marked => (true, &bytes[2..]),
                _ => (big, &bytes[..]),
            };
            if bytes.len() % 2 == 1 {
                return Err(undefined());
            }
            let units: Vec<u16> = bytes
                .chunks(2)
                .map(|pair| {
                    let pair = [pair[0], pair[1]];
                    if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
                })
                .collect();
            String::from_utf16_lossy(&units)
        }
        Charset::Latin1 => bytes.iter().map(|b| char::from(*b)).collect(),
        Charset::Ascii => {
            bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '\u{fffd}' }).collect()
        }
    };
    if text.contains('\u{fffd}') {
        return Err(undefined());
    }
    Ok(Value::string(text))
}
