//! Deciding TLS and SASL: what goes together, in librdkafka's order and words.

use rdkafka_conf::{Key, Text, Values};

use super::choices::{
    AssertionAlgorithm, EndpointIdentification, MetadataAuthentication, OauthbearerGrantType,
    OauthbearerMethod, SecurityProtocol,
};
use super::client_config::{
    AssertionConfig, ClientConfig, OauthbearerConfig, SaslConfig, Secret, SecurityConfig, TlsConfig,
};
use super::error::ConfError;
use super::global as g;
use super::resolve::{bounded, non_empty};
use super::support;

fn string(values: &Values, key: Key<Text>) -> Option<String> {
    values.get(key).map(Into::into)
}

fn secret(values: &Values, key: Key<Text>) -> Option<Secret> {
    values.get(key).map(Secret::new)
}

fn refuse(text: impl Into<String>) -> Result<(), ConfError> {
    Err(ConfError::incompatible(text))
}

/// Every property by itself.
pub(super) fn security(values: &Values) -> SecurityConfig {
    SecurityConfig {
        protocol: SecurityProtocol::from_value(values.get(g::SECURITY_PROTOCOL)),
        tls: TlsConfig {
            ca_location: string(values, g::SSL_CA_LOCATION),
            ca_pem: secret(values, g::SSL_CA_PEM),
            certificate_location: string(values, g::SSL_CERTIFICATE_LOCATION),
            certificate_pem: string(values, g::SSL_CERTIFICATE_PEM),
            key_location: secret(values, g::SSL_KEY_LOCATION),
            key_pem: secret(values, g::SSL_KEY_PEM),
            key_password: secret(values, g::SSL_KEY_PASSWORD),
            keystore_location: string(values, g::SSL_KEYSTORE_LOCATION),
            keystore_password: secret(values, g::SSL_KEYSTORE_PASSWORD),
            crl_location: string(values, g::SSL_CRL_LOCATION),
            cipher_suites: string(values, g::SSL_CIPHER_SUITES),
            curves_list: string(values, g::SSL_CURVES_LIST),
            verify_certificate: values.get(g::ENABLE_SSL_CERTIFICATE_VERIFICATION),
            endpoint_identification: EndpointIdentification::from_value(
                values.get(g::SSL_ENDPOINT_IDENTIFICATION_ALGORITHM),
            ),
        },
        sasl: SaslConfig {
            mechanism: string(values, g::SASL_MECHANISMS).unwrap_or_default(),
            username: secret(values, g::SASL_USERNAME),
            password: secret(values, g::SASL_PASSWORD),
            unsecure_jwt: values.get(g::ENABLE_SASL_OAUTHBEARER_UNSECURE_JWT),
            oauthbearer: oauthbearer(values),
        },
    }
}

fn oauthbearer(values: &Values) -> OauthbearerConfig {
    OauthbearerConfig {
        method: OauthbearerMethod::from_value(values.get(g::SASL_OAUTHBEARER_METHOD)),
        config: secret(values, g::SASL_OAUTHBEARER_CONFIG),
        client_id: string(values, g::SASL_OAUTHBEARER_CLIENT_ID),
        client_secret: secret(values, g::SASL_OAUTHBEARER_CLIENT_SECRET),
        scope: string(values, g::SASL_OAUTHBEARER_SCOPE),
        extensions: string(values, g::SASL_OAUTHBEARER_EXTENSIONS),
        token_endpoint_url: string(values, g::SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL),
        sub_claim_name: string(values, g::SASL_OAUTHBEARER_SUB_CLAIM_NAME).unwrap_or_default(),
        grant_type: OauthbearerGrantType::from_value(values.get(g::SASL_OAUTHBEARER_GRANT_TYPE)),
        metadata_authentication: MetadataAuthentication::from_value(
            values.get(g::SASL_OAUTHBEARER_METADATA_AUTHENTICATION_TYPE),
        ),
        https_ca_location: string(values, g::HTTPS_CA_LOCATION),
        https_ca_pem: string(values, g::HTTPS_CA_PEM),
        assertion: AssertionConfig {
            algorithm: AssertionAlgorithm::from_value(
                values.get(g::SASL_OAUTHBEARER_ASSERTION_ALGORITHM),
            ),
            file: string(values, g::SASL_OAUTHBEARER_ASSERTION_FILE),
            private_key_file: secret(values, g::SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_FILE),
            private_key_pem: secret(values, g::SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_PEM),
            private_key_passphrase: secret(
                values,
                g::SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_PASSPHRASE,
            ),
            jwt_template_file: string(values, g::SASL_OAUTHBEARER_ASSERTION_JWT_TEMPLATE_FILE),
            claim_aud: string(values, g::SASL_OAUTHBEARER_ASSERTION_CLAIM_AUD),
            claim_iss: string(values, g::SASL_OAUTHBEARER_ASSERTION_CLAIM_ISS),
            claim_sub: string(values, g::SASL_OAUTHBEARER_ASSERTION_CLAIM_SUB),
            claim_jti_include: values.get(g::SASL_OAUTHBEARER_ASSERTION_CLAIM_JTI_INCLUDE),
            claim_exp_seconds: bounded(values.get(g::SASL_OAUTHBEARER_ASSERTION_CLAIM_EXP_SECONDS)),
            claim_nbf_seconds: bounded(values.get(g::SASL_OAUTHBEARER_ASSERTION_CLAIM_NBF_SECONDS)),
        },
    }
}

/// Key stores and HTTPS certificates.
pub(super) fn check_stores(values: &Values, security: &SecurityConfig) -> Result<(), ConfError> {
    if security.tls.keystore_location.is_some() && security.tls.keystore_password.is_none() {
        return refuse("`ssl.keystore.password` is mandatory when `ssl.keystore.location` is set");
    }
    if values.get(g::HTTPS_CA_LOCATION).is_some() && values.get(g::HTTPS_CA_PEM).is_some() {
        return refuse("`https.ca.location` and `https.ca.pem` are mutually exclusive");
    }
    Ok(())
}

/// OAUTHBEARER, when it is the mechanism.
pub(super) fn check_oauthbearer(values: &Values, config: &ClientConfig) -> Result<(), ConfError> {
    let sasl = &config.security.sasl;
    if !sasl.mechanism.eq_ignore_ascii_case("OAUTHBEARER") {
        return Ok(());
    }
    if sasl.unsecure_jwt && config.callbacks.oauthbearer_token_refresh {
        return refuse(
            "`enable.sasl.oauthbearer.unsecure.jwt` and `oauthbearer_token_refresh_cb` are mutually \
             exclusive",
        );
    }
    if sasl.oauthbearer.method != OauthbearerMethod::Oidc {
        return Ok(());
    }
    if sasl.unsecure_jwt {
        return refuse(
            "`enable.sasl.oauthbearer.unsecure.jwt` and `sasl.oauthbearer.method=oidc` are mutually \
             exclusive",
        );
    }
    check_token_endpoint(&sasl.oauthbearer)?;
    if sasl.oauthbearer.metadata_authentication == MetadataAuthentication::None {
        match sasl.oauthbearer.grant_type {
            OauthbearerGrantType::ClientCredentials => check_credentials(&sasl.oauthbearer)?,
            OauthbearerGrantType::JwtBearer => {
                check_assertion(values, &sasl.oauthbearer.assertion)?
            }
        }
    }
    if values.is_set(g::SASL_OAUTHBEARER_SUB_CLAIM_NAME)
        && sasl.oauthbearer.sub_claim_name.trim().is_empty()
    {
        return refuse(
            "`sasl.oauthbearer.sub.claim.name` must be non-empty and not contain only whitespace",
        );
    }
    Ok(())
}

fn check_token_endpoint(oauthbearer: &OauthbearerConfig) -> Result<(), ConfError> {
    if oauthbearer.token_endpoint_url.is_some() {
        return Ok(());
    }
    match oauthbearer.metadata_authentication {
        // It has an address of its own.
        MetadataAuthentication::AwsIam => Ok(()),
        MetadataAuthentication::AzureImds => {
            let config = oauthbearer
                .config
                .as_ref()
                .map(Secret::reveal)
                .unwrap_or_default();
            if config
                .split(',')
                .any(|pair| pair.trim_start().starts_with("query="))
            {
                Ok(())
            } else {
                refuse(
                    "`sasl.oauthbearer.token.endpoint.url` is mandatory for Azure IMDS authentication \
                     when `query` isn't set",
                )
            }
        }
        MetadataAuthentication::None => refuse(
            "`sasl.oauthbearer.token.endpoint.url` is mandatory when `sasl.oauthbearer.method=oidc` is \
             set",
        ),
    }
}

fn check_credentials(oauthbearer: &OauthbearerConfig) -> Result<(), ConfError> {
    let missing = if oauthbearer.client_id.is_none() {
        "sasl.oauthbearer.client.id"
    } else if oauthbearer.client_secret.is_none() {
        "sasl.oauthbearer.client.secret"
    } else {
        return Ok(());
    };
    refuse(format!(
        "`{missing}` is mandatory when `sasl.oauthbearer.method=oidc` is set"
    ))
}

/// Either a ready-made assertion, or all that is needed to make one.
fn check_assertion(values: &Values, assertion: &AssertionConfig) -> Result<(), ConfError> {
    let both = |one: &str, other: &str| {
        refuse(format!(
            "Mutually exclusive properties set. `sasl.oauthbearer.assertion.{one}` and \
             `sasl.oauthbearer.assertion.{other}` cannot both be set"
        ))
    };
    let has_file = assertion.private_key_file.is_some();
    let has_pem = assertion.private_key_pem.is_some();
    if assertion.file.is_some() {
        let exclusive = [
            (has_file, "private.key.file"),
            (has_pem, "private.key.pem"),
            (
                assertion.private_key_passphrase.is_some(),
                "private.key.passphrase",
            ),
            (assertion.jwt_template_file.is_some(), "jwt.template.file"),
            (assertion.claim_sub.is_some(), "claim.sub"),
            (assertion.claim_aud.is_some(), "claim.aud"),
            (assertion.claim_iss.is_some(), "claim.iss"),
            (
                values.is_set(g::SASL_OAUTHBEARER_ASSERTION_CLAIM_JTI_INCLUDE),
                "claim.jti.include",
            ),
            (
                values.is_set(g::SASL_OAUTHBEARER_ASSERTION_CLAIM_EXP_SECONDS),
                "claim.exp.seconds",
            ),
            (
                values.is_set(g::SASL_OAUTHBEARER_ASSERTION_CLAIM_NBF_SECONDS),
                "claim.nbf.seconds",
            ),
        ];
        return match exclusive.into_iter().find(|(is_set, _)| *is_set) {
            Some((_, other)) => both("file", other),
            None => Ok(()),
        };
    }
    match (has_file, has_pem) {
        (true, true) => both("private.key.file", "private.key.pem"),
        (false, false) => refuse(
            "`sasl.oauthbearer.assertion.private.key.file` or \
             `sasl.oauthbearer.assertion.private.key.pem` is mandatory when \
             `sasl.oauthbearer.grant.type` is set to `urn:ietf:params:oauth:grant-type:jwt-bearer`",
        ),
        _ => Ok(()),
    }
}

/// What the chosen `security.protocol` needs.
pub(super) fn check_protocol(values: &Values, config: &ClientConfig) -> Result<(), ConfError> {
    let protocol = config.security.protocol;
    if protocol.uses_sasl() {
        check_mechanism(&config.security.sasl)?;
    }
    if protocol.uses_tls() {
        for (key, missing) in [
            (g::SSL_PROVIDERS, support::PROVIDERS),
            (g::SSL_ENGINE_LOCATION, support::ENGINE),
            (g::SSL_SIGALGS_LIST, support::SIGALGS),
        ] {
            if non_empty(values.get(key)).is_some() {
                return Err(missing.error());
            }
        }
    }
    let oauthbearer = &config.security.sasl.oauthbearer;
    let is_oidc = oauthbearer.method == OauthbearerMethod::Oidc;
    if protocol.uses_sasl() && config.security.sasl.mechanism == "OAUTHBEARER" && is_oidc {
        if oauthbearer.metadata_authentication != MetadataAuthentication::None {
            return Err(support::METADATA_AUTHENTICATION.error());
        }
        if oauthbearer.grant_type == OauthbearerGrantType::JwtBearer {
            return Err(support::JWT_BEARER.error());
        }
    }
    Ok(())
}

fn check_mechanism(sasl: &SaslConfig) -> Result<(), ConfError> {
    let mechanism = sasl.mechanism.as_str();
    if mechanism == "GSSAPI" {
        return Err(support::GSSAPI.error());
    }
    if mechanism == "OAUTHBEARER" {
        return Ok(());
    }
    let is_scram = mechanism.starts_with("SCRAM-SHA-");
    if mechanism != "PLAIN" && !is_scram {
        return refuse(format!("Unsupported SASL mechanism: {mechanism}"));
    }
    if sasl.username.is_none() || sasl.password.is_none() {
        return refuse("sasl.username and sasl.password must be set");
    }
    if is_scram && !matches!(mechanism, "SCRAM-SHA-256" | "SCRAM-SHA-512") {
        return refuse(format!(
            "Unsupported hash function: {mechanism} (try SCRAM-SHA-512)"
        ));
    }
    Ok(())
}
