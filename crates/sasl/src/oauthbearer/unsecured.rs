//! Unsecured tokens (`enable.sasl.oauthbearer.unsecure.jwt`): a JWT that nobody signed, from `sasl.oauthbearer.config`.
//!
//! For development only: any broker that takes them believes what they claim.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Token;
use crate::SaslError;

/// What `sasl.oauthbearer.config` says: pairs `name=value`, separated by spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsecuredConfig {
    /// `principalClaimName`, `sub` by default.
    pub principal_claim: String,
    /// `principal`: whose token it is.
    pub principal: String,
    /// `scopeClaimName`, `scope` by default.
    pub scope_claim: String,
    /// `scope`: a list separated by commas.
    pub scope: Vec<String>,
    /// `lifeSeconds`, an hour by default.
    pub life_seconds: i32,
    /// `extension_NAME`.
    pub extensions: Vec<(String, String)>,
}

fn invalid<T>(why: impl std::fmt::Display) -> Result<T, SaslError> {
    Err(SaslError::Invalid(format!(
        "Invalid sasl.oauthbearer.config: {why}"
    )))
}

impl UnsecuredConfig {
    /// Read the property.
    ///
    /// # Errors
    /// In librdkafka's words: an unknown name, one that comes twice or is empty, no principal.
    pub fn parse(config: &str) -> Result<Self, SaslError> {
        const NAMES: [&str; 5] = [
            "principalClaimName=",
            "principal=",
            "scopeClaimName=",
            "scope=",
            "lifeSeconds=",
        ];
        if config.is_empty() {
            return invalid("must not be empty");
        }
        let mut values: [Option<&str>; NAMES.len()] = [None; NAMES.len()];
        let mut extensions = Vec::new();
        let mut rest = config.trim_start_matches(' ');
        while !rest.is_empty() {
            let (pair, after) = rest.split_once(' ').unwrap_or((rest, ""));
            let known = NAMES
                .iter()
                .zip(&mut values)
                .find(|(name, _)| pair.starts_with(*name));
            if let Some((name, value)) = known {
                if value.replace(&pair[name.len()..]).is_some() {
                    return invalid(format_args!("multiple '{name}' entries"));
                }
                if pair.len() == name.len() {
                    return invalid(format_args!("empty '{name}'"));
                }
            } else if let Some(extension) = pair.strip_prefix("extension_") {
                let (name, value) = extension.split_once('=').unwrap_or((extension, ""));
                if name.is_empty() {
                    return invalid("empty 'extension_' key");
                }
                extensions.push((name.to_owned(), value.to_owned()));
            } else {
                return Err(SaslError::Invalid(format!(
                    "Unrecognized sasl.oauthbearer.config beginning at: {rest}"
                )));
            }
            rest = after.trim_start_matches(' ');
        }
        let [principal_claim, principal, scope_claim, scope, life_seconds] = values;
        let Some(principal) = principal else {
            return invalid("no principal=<value>");
        };
        for (name, value) in [
            ("principal", Some(principal)),
            ("principalClaimName", principal_claim),
            ("scopeClaimName", scope_claim),
            ("scope", scope),
        ] {
            if value.is_some_and(|value| value.contains('"')) {
                return invalid(format_args!("'\"' cannot appear in {name}"));
            }
        }
        Ok(Self {
            principal_claim: principal_claim.unwrap_or("sub").to_owned(),
            principal: principal.to_owned(),
            scope_claim: scope_claim.unwrap_or("scope").to_owned(),
            scope: scopes(scope.unwrap_or_default()),
            life_seconds: life_seconds.map_or(Ok(3600), parse_life)?,
            extensions,
        })
    }

    /// A token that begins to live at `now_ms`.
    #[must_use]
    pub fn token(&self, now_ms: i64) -> Token {
        let expires_ms = now_ms.saturating_add(i64::from(self.life_seconds) * 1000);
        let mut claims = serde_json::Map::new();
        claims.insert(self.principal_claim.clone(), self.principal.clone().into());
        claims.insert("iat".to_owned(), seconds(now_ms));
        claims.insert("exp".to_owned(), seconds(expires_ms));
        if !self.scope.is_empty() {
            claims.insert(self.scope_claim.clone(), self.scope.clone().into());
        }
        let claims = serde_json::Value::Object(claims).to_string();
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        Token {
            value: format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims)),
            expires_ms,
            principal: self.principal.clone(),
            extensions: self.extensions.clone(),
        }
    }
}

fn seconds(ms: i64) -> serde_json::Value {
    #[allow(
        clippy::cast_precision_loss,
        reason = "exact for the next 200,000 years"
    )]
    let seconds = ms as f64 / 1000.0;
    seconds.into()
}

fn scopes(list: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in list.split(',').filter(|scope| !scope.is_empty()) {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

fn parse_life(text: &str) -> Result<i32, SaslError> {
    let Ok(seconds) = text.parse::<i64>() else {
        return invalid(format_args!("non-integral 'lifeSeconds=': {text}"));
    };
    match i32::try_from(seconds) {
        Ok(seconds) if seconds > 0 => Ok(seconds),
        _ => invalid(format_args!(
            "value out of range of positive int 'lifeSeconds=': {text}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_claims_what_the_configuration_says() {
        let config = UnsecuredConfig::parse(
            "principal=admin  scope=role1,,role2,role1 lifeSeconds=60 extension_traceId=12",
        )
        .unwrap();
        let token = config.token(1_549_251_467_546);
        let claims = token.value.split('.').nth(1).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
        let expected = r#"{"exp":1549251527.546,"iat":1549251467.546,"scope":["role1","role2"],"sub":"admin"}"#;
        assert_eq!(String::from_utf8(claims).unwrap(), expected);
        assert!(token.value.starts_with("eyJhbGciOiJub25lIn0.") && token.value.ends_with('.'));
        assert_eq!(token.expires_ms, 1_549_251_527_546);
        assert_eq!(token.extensions, [("traceId".to_owned(), "12".to_owned())]);
    }

    #[test]
    fn what_is_wrong_with_the_configuration_is_said_in_librdkafkas_words() {
        for (config, words) in [
            ("", "Invalid sasl.oauthbearer.config: must not be empty"),
            (
                "scope=a",
                "Invalid sasl.oauthbearer.config: no principal=<value>",
            ),
            (
                "principal=",
                "Invalid sasl.oauthbearer.config: empty 'principal='",
            ),
            (
                "principal=a principal=b",
                "Invalid sasl.oauthbearer.config: multiple 'principal=' entries",
            ),
            (
                "principal=a lifeSeconds=x",
                "Invalid sasl.oauthbearer.config: non-integral 'lifeSeconds=': x",
            ),
            (
                "principal=a lifeSeconds=0",
                "Invalid sasl.oauthbearer.config: value out of range of positive int 'lifeSeconds=': 0",
            ),
            (
                "principal=a\"b",
                "Invalid sasl.oauthbearer.config: '\"' cannot appear in principal",
            ),
            (
                "principal=a what=else",
                "Unrecognized sasl.oauthbearer.config beginning at: what=else",
            ),
        ] {
            let error = UnsecuredConfig::parse(config).unwrap_err();
            assert_eq!(error.to_string(), words);
        }
    }
}
