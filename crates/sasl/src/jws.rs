//! Tokens of OAUTHBEARER as a server checks them: signed with a key of a JWKS (RFC 7515, 7517, 7518), or not signed at all.
//!
//! Owns: [`Jwks`], [`TokenRules`] and [`Token`]. Guarantees: a token that is not signed passes only where no keys are asked
//! for; a signature is checked with the algorithm of the key, never with one the token chooses freely. Time is an argument.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

/// What a token says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Who it is for.
    pub principal: String,
    /// Until when it is good, in ms since 1970.
    pub expires_at_ms: i64,
    /// What it allows.
    pub scopes: Vec<String>,
}

/// What a token must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRules {
    /// The claim that names the principal.
    pub principal_claim: String,
    /// The claim that holds the scope.
    pub scope_claim: String,
    /// Scopes that must all be there.
    pub required_scopes: Vec<String>,
    /// One of them must be among the token's audiences, unless there is none.
    pub audiences: Vec<String>,
    /// Who must have issued it.
    pub issuer: Option<String>,
    /// By how much clocks may differ.
    pub clock_skew_ms: i64,
}

impl Default for TokenRules {
    fn default() -> Self {
        Self {
            principal_claim: "sub".into(),
            scope_claim: "scope".into(),
            required_scopes: Vec::new(),
            audiences: Vec::new(),
            issuer: None,
            clock_skew_ms: 0,
        }
    }
}

/// Checks a token. With `keys` it must be signed by one of them, without it must not be signed (`alg` none: for tests).
///
/// # Errors
/// Says what is wrong with it, never what is in it.
pub fn check(
    token: &str,
    rules: &TokenRules,
    keys: Option<&Jwks>,
    now_ms: i64,
) -> Result<Token, String> {
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("the token is not three parts".into());
    };
    let header_claims = object(header, "header")?;
    match keys {
        Some(keys) => {
            let signed = token.len() - signature.len() - 1;
            let signature = decode(signature, "signature")?;
            keys.verify(&header_claims, &token.as_bytes()[..signed], &signature)?;
        }
        None if !signature.is_empty() => {
            return Err("the token is signed, which this listener cannot check".into());
        }
        None if text(&header_claims, "alg") != Some("none") => {
            return Err("the token's alg is not none".into());
        }
        None => {}
    }
    rules.check(&object(claims, "claims")?, now_ms)
}

impl TokenRules {
    fn check(&self, claims: &Map<String, Value>, now_ms: i64) -> Result<Token, String> {
        let principal = text(claims, &self.principal_claim)
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .ok_or_else(|| format!("the claim {} is missing", self.principal_claim))?;
        let expires_at_ms = millis(claims, "exp")?.ok_or("the claim exp is missing")?;
        if expires_at_ms.saturating_add(self.clock_skew_ms) <= now_ms {
            return Err("the token has expired".into());
        }
        let not_before = [millis(claims, "nbf")?, millis(claims, "iat")?];
        let latest = now_ms.saturating_add(self.clock_skew_ms);
        if not_before.into_iter().flatten().any(|from| from > latest) {
            return Err("the token is not good yet".into());
        }
        if let Some(issuer) = &self.issuer
            && text(claims, "iss") != Some(issuer)
        {
            return Err("the token has another issuer".into());
        }
        if !self.audiences.is_empty() {
            let of_token = words(claims.get("aud"), false);
            if !of_token.iter().any(|it| self.audiences.contains(it)) {
                return Err("the token is for another audience".into());
            }
        }
        let scopes = words(claims.get(&self.scope_claim), true);
        if let Some(missing) = self.required_scopes.iter().find(|it| !scopes.contains(it)) {
            return Err(format!("the scope {missing} is missing"));
        }
        Ok(Token {
            principal: principal.to_owned(),
            expires_at_ms,
            scopes,
        })
    }
}

/// A set of public keys.
#[derive(Debug, Clone, Default)]
pub struct Jwks(Vec<Key>);

#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    kind: KeyKind,
}

#[derive(Debug, Clone)]
enum KeyKind {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
}

impl Jwks {
    /// Reads a set. Keys of other kinds, and keys for encryption, are left out.
    ///
    /// # Errors
    /// It is no JWKS, or holds no key that can be used.
    pub fn parse(json: &str) -> Result<Self, String> {
        let set: Value =
            serde_json::from_str(json).map_err(|error| format!("not JSON: {error}"))?;
        let keys = set
            .get("keys")
            .and_then(Value::as_array)
            .ok_or("there is no array `keys`")?;
        let keys: Vec<Key> = keys.iter().filter_map(Key::read).collect();
        if keys.is_empty() {
            return Err("there is no RSA, P-256 or P-384 key for signatures".into());
        }
        Ok(Self(keys))
    }

    fn verify(
        &self,
        header: &Map<String, Value>,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<(), String> {
        let algorithm = text(header, "alg").ok_or("the token has no alg")?;
        let id = text(header, "kid");
        let fits = |key: &&Key| {
            let same_id = id.is_none() || key.id.as_deref() == id;
            same_id && key.algorithm.as_deref().is_none_or(|it| it == algorithm)
        };
        let mut candidates = self.0.iter().filter(fits).peekable();
        if candidates.peek().is_none() {
            return Err("the token's key is not in the JWKS".into());
        }
        if candidates.any(|key| key.kind.verifies(algorithm, signed, signature)) {
            Ok(())
        } else {
            Err("the token's signature is wrong".into())
        }
    }
}

impl Key {
    fn read(key: &Value) -> Option<Self> {
        let key = key.as_object()?;
        if text(key, "use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let part = |name| URL_SAFE_NO_PAD.decode(text(key, name)?).ok();
        let kind = match (text(key, "kty")?, text(key, "crv")) {
            ("RSA", _) => KeyKind::Rsa {
                n: part("n")?,
                e: part("e")?,
            },
            ("EC", Some("P-256")) => KeyKind::P256(point(&part("x")?, &part("y")?)),
            ("EC", Some("P-384")) => KeyKind::P384(point(&part("x")?, &part("y")?)),
            _ => return None,
        };
        Some(Self {
            id: text(key, "kid").map(Into::into),
            algorithm: text(key, "alg").map(Into::into),
            kind,
        })
    }
}

/// An uncompressed point of a curve.
fn point(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

impl KeyKind {
    fn verifies(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { n, e } => {
                let parameters = match algorithm {
                    "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
                    "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
                    "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
                    "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
                    "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
                    "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
                    _ => return false,
                };
                let key = RsaPublicKeyComponents { n, e };
                key.verify(parameters, signed, signature).is_ok()
            }
            Self::P256(point) if algorithm == "ES256" => {
                let key = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
                key.verify(signed, signature).is_ok()
            }
            Self::P384(point) if algorithm == "ES384" => {
                let key = UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point);
                key.verify(signed, signature).is_ok()
            }
            Self::P256(_) | Self::P384(_) => false,
        }
    }
}

fn decode(part: &str, what: &str) -> Result<Vec<u8>, String> {
    URL_SAFE_NO_PAD
        .decode(part.trim_end_matches('='))
        .map_err(|_| format!("the token's {what} is not base64url"))
}

fn object(part: &str, what: &str) -> Result<Map<String, Value>, String> {
    let bytes = decode(part, what)?;
    serde_json::from_slice(&bytes).map_err(|_| format!("the token's {what} is no JSON object"))
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

/// A time in seconds, with or without a fraction, as ms.
fn millis(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, String> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value
        .as_f64()
        .filter(|it| it.is_finite())
        .ok_or_else(|| format!("the claim {name} is no number"))?;
    #[allow(clippy::cast_possible_truncation, reason = "`as` saturates")]
    let ms = (seconds * 1000.0).round() as i64;
    Ok(Some(ms))
}

/// A text or an array of texts; `split` cuts a text at blanks.
fn words(value: Option<&Value>, split: bool) -> Vec<String> {
    match value {
        Some(Value::String(text)) if split => text.split_whitespace().map(Into::into).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(values)) => values
            .iter()
            .filter_map(Value::as_str)
            .map(Into::into)
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    use super::*;

    const NOW: i64 = 1_000_000_000;

    fn unsigned(claims: &str) -> String {
        let [header, claims] =
            [r#"{"alg":"none"}"#, claims].map(|json| URL_SAFE_NO_PAD.encode(json));
        format!("{header}.{claims}.")
    }

    fn es256(claims: &str, header: &str) -> (String, Jwks) {
        let random = SystemRandom::new();
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random)
                .unwrap();
        let signed = [header, claims]
            .map(|json| URL_SAFE_NO_PAD.encode(json))
            .join(".");
        let signature = key.sign(&random, signed.as_bytes()).unwrap();
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let jwks = format!(
            r#"{{"keys":[{{"kty":"oct"}},{{"kty":"EC","crv":"P-256","kid":"k","x":"{}","y":"{}"}}]}}"#,
            URL_SAFE_NO_PAD.encode(x),
            URL_SAFE_NO_PAD.encode(y)
        );
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        (token, Jwks::parse(&jwks).unwrap())
    }

    #[test]
    fn an_unsigned_token_says_who_and_how_long() {
        let token = unsigned(r#"{"sub":"alice","exp":1000001.5,"scope":"a b"}"#);
        let token = check(&token, &TokenRules::default(), None, NOW).unwrap();
        assert_eq!(token.principal, "alice");
        assert_eq!(token.expires_at_ms, 1_000_001_500);
        assert_eq!(token.scopes, ["a", "b"]);
    }

    #[test]
    fn what_breaks_a_rule_is_refused() {
        let rules = TokenRules {
            required_scopes: vec!["x".into()],
            audiences: vec!["kafka".into()],
            issuer: Some("me".into()),
            ..TokenRules::default()
        };
        let good = r#"{"sub":"a","exp":2000000,"iss":"me","aud":["kafka","z"],"scope":["x"]}"#;
        assert!(check(&unsigned(good), &rules, None, NOW).is_ok());
        for (from, to) in [
            (r#""sub":"a""#, r#""sub":" ""#),
            ("2000000", "1000000"),
            ("2000000", "\"soon\""),
            (r#""exp""#, r#""nbf":1000001,"exp""#),
            (r#""exp""#, r#""iat":1000001,"exp""#),
            ("me", "you"),
            ("kafka", "other"),
            (r#"["x"]"#, r#"["y"]"#),
        ] {
            let token = unsigned(&good.replacen(from, to, 1));
            assert!(check(&token, &rules, None, NOW).is_err(), "{from} {to}");
        }
    }

    #[test]
    fn a_signature_counts_with_the_right_key_only() {
        let claims = r#"{"sub":"alice","exp":2000000}"#;
        let rules = TokenRules::default();
        let (token, keys) = es256(claims, r#"{"alg":"ES256","kid":"k"}"#);
        assert!(check(&token, &rules, Some(&keys), NOW).is_ok());
        let (_, others) = es256(claims, r#"{"alg":"ES256"}"#);
        assert!(check(&token, &rules, Some(&others), NOW).is_err());
        assert!(check(&token, &rules, None, NOW).is_err());
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"ES256","kid":"z"}"#,
        ] {
            let (token, keys) = es256(claims, header);
            assert!(check(&token, &rules, Some(&keys), NOW).is_err(), "{header}");
        }
        assert!(check(&unsigned(claims), &rules, Some(&keys), NOW).is_err());
    }

    /// Made with openssl; the private key was thrown away.
    #[test]
    fn a_signature_of_an_rsa_key_counts() {
        let jwks = concat!(
            r#"{"keys":[{"kty":"RSA","kid":"r","alg":"RS256","use":"sig","e":"AQAB","n":""#,
            "z1i7l_GBEv_nuWuYq3Ya6l_zdLJhGFLHPUhd-q8nsD4YOiNeYYWpaGmz6GKYAE5h12nLgrhiQhsddMIssp474X4X0E1kdzMUoOIJxJ8dLJDzTV_8ZFM31KL6It5t5ABDnFSsO-CWFlVduAD1XdvMI99Xf17o62fyQWu4tH_nWExYkDpCMJXZp3yJrgRxfxW1MILY4PEjF6I4Wsq-x9X2F3BWqyQa0csQ-P4d3vbuIZh8f_yWt16GNA8SMC9X7349fqk0g0O-cjOmxFa22b2SweG0mt7zJQYTLJZWMNtOl7N0Zu0E_p0nglKxkWWY4KYFjwAoqpzPYaR-Yao20tw3hw",
            r#""}]}"#
        );
        let keys = Jwks::parse(jwks).unwrap();
        let token = concat!(
            "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJzdWIiOiJhbGljZSIsImV4cCI6MjAwMDAwMH0.",
            "jCOTybRMWVe_FgKz4E277JbNoOhKJnRMZcxc6_4rnbkAdnX0Gm4b1e6RWZlcTgnby1IRjU_47NKIB5L7z-smoLGJGKTquppsr5qv0qv0Sx20RGOuppYRK5mrChvkRRUe1gBoFJA5JGNvXArqBJqYHmu4pIlxIZE-a5SgSIKLOqA6sKpy5ZkLWQ0SixMybV_sO9zz97ovPk6LEso8_6VcxUFZJIjjMM8yij9bVzQ6oDbkUEJgSqTXrA-LTEIxFMPpnVarmKTb06_xFYJ6lzzlVGzfGKV8z72RmXDKzOiZA6qn9JdZ-78yxhnCbVIGwhaBo3R0TykKaWlcSaeVOrMgeA"
        );
        let rules = TokenRules::default();
        assert!(check(token, &rules, Some(&keys), NOW).is_ok());
        let forged = token.replacen("eyJzdWIiOiJhbGljZSI", "eyJzdWIiOiJhbGljZiI", 1);
        assert_ne!(forged, token);
        assert!(check(&forged, &rules, Some(&keys), NOW).is_err());
    }

    #[test]
    fn a_file_without_usable_keys_is_no_jwks() {
        for json in [
            "",
            "{}",
            r#"{"keys":[]}"#,
            r#"{"keys":[{"kty":"oct","k":"AA"}]}"#,
        ] {
            assert!(Jwks::parse(json).is_err(), "{json}");
        }
    }
}
