//! Tokens from an OpenID Connect endpoint (`sasl.oauthbearer.method=oidc`, KIP-768): what is asked, how the answer is read.
//!
//! Who carries the request over HTTP is the caller.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::Token;
use crate::SaslError;

/// What to send to a token endpoint by POST.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The header `Authorization`, where credentials are sent so.
    pub authorization: Option<String>,
    /// The body, `application/x-www-form-urlencoded`.
    pub body: String,
}

/// Never the credentials.
impl std::fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRequest").finish_non_exhaustive()
    }
}

/// The grant `client_credentials`.
#[must_use]
pub fn client_credentials(id: &str, secret: &str, scope: Option<&str>) -> TokenRequest {
    let mut body = "grant_type=client_credentials".to_owned();
    if let Some(scope) = scope.filter(|scope| !scope.is_empty()) {
        body += "&scope=";
        body += &url_encode(scope);
    }
    let credentials = STANDARD.encode(format!("{id}:{secret}"));
    TokenRequest {
        authorization: Some(format!("Basic {credentials}")),
        body,
    }
}

/// The grant `urn:ietf:params:oauth:grant-type:jwt-bearer` with a signed assertion.
#[must_use]
pub fn jwt_bearer(assertion: &str, scope: Option<&str>) -> TokenRequest {
    let grant = url_encode("urn:ietf:params:oauth:grant-type:jwt-bearer");
    let mut body = format!("grant_type={grant}&assertion={}", url_encode(assertion));
    if let Some(scope) = scope.filter(|scope| !scope.is_empty()) {
        body += "&scope=";
        body += &url_encode(scope);
    }
    TokenRequest {
        authorization: None,
        body,
    }
}

/// Read the answer of a token endpoint: the access token, when it expires and whose it is stand in its claims.
///
/// # Errors
/// The endpoint refused (its `error` and `error_description`), or the answer holds no token with `exp` and the claim
/// `sub_claim`.
pub fn parse_answer(
    status: u16,
    body: &[u8],
    sub_claim: &str,
    extensions: &[(String, String)],
) -> Result<Token, SaslError> {
    let json: Result<serde_json::Value, _> = serde_json::from_slice(body);
    let text_of = |name: &str| -> Option<String> {
        let value = json.as_ref().ok()?.get(name)?;
        value.as_str().map(str::to_owned)
    };
    if !(200..300).contains(&status) {
        let words = match (text_of("error"), text_of("error_description")) {
            (Some(error), Some(description)) => format!("{error}: {description}"),
            (Some(error), None) => error,
            _ => String::new(),
        };
        let words = format!("token endpoint answered {status} {words}");
        return Err(SaslError::Refused(words.trim_end().to_owned()));
    }
    let Some(value) = text_of("access_token") else {
        return Err(SaslError::Invalid(
            "Expected JSON JWT response with \"access_token\" field".to_owned(),
        ));
    };
    let claims = value
        .split('.')
        .nth(1)
        .and_then(|claims| URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok())
        .and_then(|claims| serde_json::from_slice::<serde_json::Value>(&claims).ok());
    let Some(claims) = claims else {
        return Err(SaslError::Invalid(
            "Expected access_token to be a JWT (header.claims.signature)".to_owned(),
        ));
    };
    let missing = |claim: &str| {
        SaslError::Invalid(format!("Expected JSON JWT response with \"{claim}\" field"))
    };
    let expires = claims.get("exp").and_then(serde_json::Value::as_f64);
    let expires = expires.ok_or_else(|| missing("exp"))?;
    let principal = claims.get(sub_claim).and_then(serde_json::Value::as_str);
    let principal = principal.ok_or_else(|| missing(sub_claim))?;
    Ok(Token {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "saturates, which is as good"
        )]
        expires_ms: (expires * 1000.0) as i64,
        principal: principal.to_owned(),
        value,
        extensions: extensions.to_vec(),
    })
}

/// `sasl.oauthbearer.extensions`: `name=value`, separated by commas.
///
/// # Errors
/// A pair without `=`.
pub fn parse_extensions(list: &str) -> Result<Vec<(String, String)>, SaslError> {
    let pairs = list
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(SaslError::Invalid(format!(
                "Invalid sasl.oauthbearer.extensions: no `=` in {pair}"
            ))),
        })
        .collect()
}

/// Percent-encoding of all that is not unreserved (RFC 3986).
fn url_encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out += &format!("%{byte:02X}"),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_into_the_header_and_the_scope_into_the_body() {
        let request = client_credentials("id", "secret", Some("a b"));
        assert_eq!(request.authorization.as_deref(), Some("Basic aWQ6c2VjcmV0"));
        assert_eq!(request.body, "grant_type=client_credentials&scope=a%20b");
    }

    #[test]
    fn an_answer_is_a_token_with_claims_or_an_error_with_words() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"me","exp":1700000000}"#);
        let body = format!(r#"{{"access_token":"e30.{claims}.sig","expires_in":60}}"#);
        let token = parse_answer(200, body.as_bytes(), "sub", &[]).unwrap();
        assert_eq!(
            (token.principal.as_str(), token.expires_ms),
            ("me", 1_700_000_000_000)
        );
        let refused = br#"{"error":"invalid_client","error_description":"no such client"}"#;
        for (status, body, words) in [
            (
                401,
                &refused[..],
                "token endpoint answered 401 invalid_client: no such client",
            ),
            (500, b"oops", "token endpoint answered 500"),
            (
                200,
                b"{}",
                "Expected JSON JWT response with \"access_token\" field",
            ),
            (
                200,
                br#"{"access_token":"opaque"}"#,
                "Expected access_token to be a JWT (header.claims.signature)",
            ),
            (
                200,
                br#"{"access_token":"e30.e30."}"#,
                "Expected JSON JWT response with \"exp\" field",
            ),
        ] {
            let error = parse_answer(status, body, "sub", &[]).unwrap_err();
            assert_eq!(error.to_string(), words);
        }
    }

    #[test]
    fn extensions_are_pairs() {
        let pairs = parse_extensions("a=1, b=2=3").unwrap();
        assert_eq!(pairs[1], ("b".to_owned(), "2=3".to_owned()));
        assert!(parse_extensions("a").is_err());
    }
}
