//! Digests of texts and files, uuids, bcrypt.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::filesystem::{PATH, bytes_of, cleaned, expanded};
use super::{Call, Fault, Function, Outcome, Param, Wants};
use crate::{Type, Value};

const STR: Param = Param::new("str", Wants::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("base64sha256", &[STR], Wants::String, |call| {
        Ok(STANDARD.encode(Sha256::digest(call.text(0))).into())
    }),
    Function::new("base64sha512", &[STR], Wants::String, |call| {
        Ok(STANDARD.encode(Sha512::digest(call.text(0))).into())
    }),
    Function::new("bcrypt", &[STR], Wants::String, bcrypt).rest(Param::new("cost", Wants::Number)),
    Function::new("filebase64sha256", &[PATH], Wants::String, |call| {
        Ok(STANDARD.encode(Sha256::digest(file(call)?)).into())
    }),
    Function::new("filebase64sha512", &[PATH], Wants::String, |call| {
        Ok(STANDARD.encode(Sha512::digest(file(call)?)).into())
    }),
    Function::new("filemd5", &[PATH], Wants::String, |call| {
        Ok(hex(&Md5::digest(file(call)?)).into())
    }),
    Function::new("filesha1", &[PATH], Wants::String, |call| {
        Ok(hex(&Sha1::digest(file(call)?)).into())
    }),
    Function::new("filesha256", &[PATH], Wants::String, |call| {
        Ok(hex(&Sha256::digest(file(call)?)).into())
    }),
    Function::new("filesha512", &[PATH], Wants::String, |call| {
        Ok(hex(&Sha512::digest(file(call)?)).into())
    }),
    Function::new("md5", &[STR], Wants::String, |call| Ok(hex(&Md5::digest(call.text(0))).into())),
    Function::new(
        "sha1",
        &[STR],
        Wants::String,
        |call| Ok(hex(&Sha1::digest(call.text(0))).into()),
    ),
    Function::new("sha256", &[STR], Wants::String, |call| {
        Ok(hex(&Sha256::digest(call.text(0))).into())
    }),
    Function::new("sha512", &[STR], Wants::String, |call| {
        Ok(hex(&Sha512::digest(call.text(0))).into())
    }),
    Function::new("uuid", &[], Wants::String, uuid),
    Function::new(
        "uuidv5",
        &[Param::new("namespace", Wants::String), Param::new("name", Wants::String)],
        Wants::String,
        uuidv5,
    ),
];

fn file(call: &Call<'_>) -> Result<Vec<u8>, Fault> {
    let path = call.text(0);
    bytes_of(call, path).map_err(|fault| match fault {
        Fault::Argument { message, .. } if message.contains("is a directory") => {
            Fault::Failed(message.trim_start_matches("failed to read file: ").to_owned())
        }
        Fault::Argument { .. } => {
            let shown = cleaned(&expanded(call, path));
            Fault::Failed(format!("open {shown}: no such file or directory"))
        }
        other => other,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bcrypt(call: &Call<'_>) -> Outcome {
    if call.args.len() > 2 {
        return Err("bcrypt() takes no more than two arguments".into());
    }
    let cost = if call.args.len() == 2 { call.whole(1, "")? } else { 10 };
    let cost = u32::try_from(cost).ok().filter(|cost| (4..=31).contains(cost));
    let cost = cost.ok_or_else(|| {
        call.fail("error occured generating password: the cost must be from 4 to 31")
    })?;
    if call.text(0).len() > 72 {
        return Err(call.bad(0, "the string is longer than the 72 bytes that bcrypt looks at"));
    }
    let Some(salt) = call.outside().random() else { return Ok(Value::unknown(Type::String)) };
    let hash = bcrypt::hash_with_salt(call.text(0), cost, salt).map_err(|e| e.to_string())?;
    Ok(hash.format_for_version(bcrypt::Version::TwoA).into())
}

fn written(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

fn uuid(call: &Call<'_>) -> Outcome {
    match call.outside().random() {
        Some(bytes) => Ok(written(bytes, 4).into()),
        None => Ok(Value::unknown(Type::String)),
    }
}

fn uuidv5(call: &Call<'_>) -> Outcome {
    let namespace = match call.text(0) {
        "dns" => "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "url" => "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "oid" => "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
        "x500" => "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
        other => other,
    };
    let digits = namespace.replace('-', "");
    let parsed = (digits.len() == 32 && namespace.len() == 36)
        .then(|| u128::from_str_radix(&digits, 16).ok())
        .flatten();
    let parsed = parsed.ok_or_else(|| {
        let given = call.text(0);
        let why = format!("invalid UUID length: {}", given.len());
        call.fail(format!("uuidv5() doesn't support namespace {given} ({why})"))
    })?;
    let digest =
        Sha1::new().chain_update(parsed.to_be_bytes()).chain_update(call.text(1)).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Ok(written(bytes, 5).into())
}
