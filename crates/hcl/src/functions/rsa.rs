//! rsadecrypt: what was encrypted for a key, such as the password of a Windows instance.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};

use super::{Call, Function, Outcome, Param, Wants};

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    "rsadecrypt",
    &[Param::new("ciphertext", Wants::String), Param::new("privatekey", Wants::String)],
    Wants::String,
    rsadecrypt,
)];

fn rsadecrypt(call: &Call<'_>) -> Outcome {
    let bytes = STANDARD.decode(call.text(0)).map_err(|_| {
        call.bad(
            0,
            format!(
                "failed to decode input {:?}: cipher text must be base64-encoded",
                call.text(0)
            ),
        )
    })?;
    let body: String = call.text(1).lines().filter(|line| !line.starts_with("-----")).collect();
    let key = STANDARD.decode(body).ok().and_then(|der| RsaPrivateKey::from_pkcs1_der(&der).ok());
    let key = key.ok_or_else(|| {
        call.bad(1, "failed to parse key: it must be an RSA private key in PEM form (PKCS#1)")
    })?;
    let text =
        key.decrypt(Pkcs1v15Encrypt, &bytes).map_err(|e| format!("failed to decrypt: {e}"))?;
    Ok(String::from_utf8_lossy(&text).into_owned().into())
}
