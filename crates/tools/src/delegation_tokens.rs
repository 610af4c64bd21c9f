//! `kafka-delegation-tokens.sh`.

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use clap::Args;
use rdkafka_client::Target;
use rdkafka_wire::messages::create_delegation_token::{
    CreatableRenewers, CreateDelegationTokenRequest,
};
use rdkafka_wire::messages::describe_delegation_token::{
    DescribeDelegationTokenOwner, DescribeDelegationTokenRequest, DescribedDelegationToken,
    DescribedDelegationTokenRenewer,
};
use rdkafka_wire::messages::expire_delegation_token::ExpireDelegationTokenRequest;
use rdkafka_wire::messages::renew_delegation_token::RenewDelegationTokenRequest;
use serde_json::json;

use crate::cluster::{Cluster, checked};
use crate::connect::Connect;
use crate::date_time::date_and_minute;
use crate::output::say;

/// Create, renew, expire and describe delegation tokens.
#[derive(Debug, Args)]
pub struct DelegationTokens {
    #[command(flatten)]
    connect: Connect,
    #[command(flatten)]
    action: Action,
    /// Whose tokens: TYPE:NAME. May be repeated.
    #[arg(long, value_name = "PRINCIPAL", conflicts_with_all = ["renew", "expire"])]
    owner_principal: Vec<Principal>,
    /// Who else may renew the token: TYPE:NAME. May be repeated.
    #[arg(long, value_name = "PRINCIPAL", conflicts_with = "renew")]
    renewer_principal: Vec<Principal>,
    /// How long the token can be renewed, in milliseconds; -1 is as long as the broker allows.
    #[arg(long, value_name = "MS", allow_negative_numbers = true, required_if_eq("create", "true"),
        conflicts_with_all = ["renew", "expire", "describe"])]
    max_life_time_period: Option<i64>,
    /// For how long the token is good again, in milliseconds; -1 is as long as the broker allows.
    #[arg(long, value_name = "MS", allow_negative_numbers = true, required_if_eq("renew", "true"),
        conflicts_with_all = ["create", "expire", "describe"])]
    renew_time_period: Option<i64>,
    /// How long the token is still good, in milliseconds; -1 ends it at once.
    #[arg(long, value_name = "MS", allow_negative_numbers = true, required_if_eq("expire", "true"),
        conflicts_with_all = ["create", "renew", "describe"])]
    expiry_time_period: Option<i64>,
    /// The token's HMAC, in base64.
    #[arg(long, required_if_eq_any([("renew", "true"), ("expire", "true")]),
        conflicts_with_all = ["create", "describe"])]
    hmac: Option<String>,
}

/// One of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Action {
    /// Create a token.
    #[arg(long)]
    create: bool,
    /// Renew a token.
    #[arg(long)]
    renew: bool,
    /// Let a token expire.
    #[arg(long)]
    expire: bool,
    /// Describe tokens.
    #[arg(long)]
    describe: bool,
}

impl DelegationTokens {
    pub(crate) fn run(self) -> Result<()> {
        let cluster = Cluster::connect(&self.connect)?;
        if self.action.create {
            self.create(&cluster)
        } else if self.action.renew {
            self.renew(&cluster)
        } else if self.action.expire {
            self.expire(&cluster)
        } else {
            self.describe(&cluster)
        }
    }

    fn create(&self, cluster: &Cluster) -> Result<()> {
        let max_lifetime_ms = self.max_life_time_period.unwrap_or(-1);
        self.say(&format!(
            "Calling create token operation with renewers :{} , max-life-time-period :{max_lifetime_ms}",
            list(&self.renewer_principal)
        ));
        let owner = self.owner_principal.first();
        let renewers = self.renewer_principal.iter();
        let request = CreateDelegationTokenRequest {
            owner_principal_type: owner.map(|it| it.kind.as_str().into()),
            owner_principal_name: owner.map(|it| it.name.as_str().into()),
            renewers: renewers
                .map(|it| CreatableRenewers {
                    principal_type: it.kind.as_str().into(),
                    principal_name: it.name.as_str().into(),
                })
                .collect(),
            max_lifetime_ms,
        };
        let response = cluster.ask(Target::Controller, request)?;
        checked(response.error_code, None)?;
        self.say(&format!(
            "Created delegation token with tokenId : {}",
            response.token_id.as_str()
        ));
        let renewers = self.renewer_principal.iter();
        let token = DescribedDelegationToken {
            principal_type: response.principal_type,
            principal_name: response.principal_name,
            token_requester_principal_type: response.token_requester_principal_type,
            token_requester_principal_name: response.token_requester_principal_name,
            issue_timestamp: response.issue_timestamp_ms,
            expiry_timestamp: response.expiry_timestamp_ms,
            max_timestamp: response.max_timestamp_ms,
            token_id: response.token_id,
            hmac: response.hmac,
            renewers: renewers
                .map(|it| DescribedDelegationTokenRenewer {
                    principal_type: it.kind.as_str().into(),
                    principal_name: it.name.as_str().into(),
                })
                .collect(),
        };
        self.print("", &[token]);
        Ok(())
    }

    fn renew(&self, cluster: &Cluster) -> Result<()> {
        let renew_period_ms = self.renew_time_period.unwrap_or(-1);
        let hmac = self.hmac("renew", "renew-time-period", renew_period_ms)?;
        let request = RenewDelegationTokenRequest {
            hmac,
            renew_period_ms,
        };
        let response = cluster.ask(Target::Controller, request)?;
        checked(response.error_code, None)?;
        self.completed("renew", response.expiry_timestamp_ms);
        Ok(())
    }

    fn expire(&self, cluster: &Cluster) -> Result<()> {
        let expiry_time_period_ms = self.expiry_time_period.unwrap_or(-1);
        let hmac = self.hmac("expire", "expire-time-period", expiry_time_period_ms)?;
        let request = ExpireDelegationTokenRequest {
            hmac,
            expiry_time_period_ms,
        };
        let response = cluster.ask(Target::Controller, request)?;
        checked(response.error_code, None)?;
        self.completed("expire", response.expiry_timestamp_ms);
        Ok(())
    }

    fn describe(&self, cluster: &Cluster) -> Result<()> {
        let owners = &self.owner_principal;
        self.say(&if owners.is_empty() {
            "Calling describe token operation for current user.".to_owned()
        } else {
            format!(
                "Calling describe token operation for owners: {}",
                list(owners)
            )
        });
        let wanted = owners.iter().map(|it| DescribeDelegationTokenOwner {
            principal_type: it.kind.as_str().into(),
            principal_name: it.name.as_str().into(),
        });
        // None at all is all that may be seen, as the help of Kafka's tool says.
        let request = DescribeDelegationTokenRequest {
            owners: (!owners.is_empty()).then(|| wanted.collect()),
        };
        let response = cluster.ask(Target::Any, request)?;
        checked(response.error_code, None)?;
        let total = format!("Total number of tokens : {}", response.tokens.len());
        self.print(&total, &response.tokens);
        Ok(())
    }

    /// The HMAC that was given, after what is about to be done with it.
    fn hmac(&self, what: &str, period: &str, period_ms: i64) -> Result<Bytes> {
        let hmac = self.hmac.as_deref().unwrap_or_default();
        self.say(&format!(
            "Calling {what} token operation with hmac :{hmac} , {period} :{period_ms}"
        ));
        let hmac = BASE64.decode(hmac).context("--hmac is no base64")?;
        Ok(hmac.into())
    }

    fn completed(&self, what: &str, expires_at_ms: i64) {
        if self.connect.json {
            say!("{}", json!({ "expiryTimestamp": expires_at_ms }));
        }
        self.say(&format!(
            "Completed {what} operation. New expiry date : {}",
            date_and_minute(expires_at_ms)
        ));
    }

    /// What is said beside JSON to nobody.
    fn say(&self, line: &str) {
        if !self.connect.json {
            say!("{line}");
        }
    }

    /// A table, under a line of words.
    fn print(&self, words: &str, tokens: &[DescribedDelegationToken]) {
        if self.connect.json {
            let tokens: Vec<_> = tokens.iter().map(as_json).collect();
            say!("{}", json!(tokens));
            return;
        }
        print_row(words, &TITLES.map(str::to_owned));
        for token in tokens {
            let renewers: Vec<_> = renewers(token).collect();
            print_row(
                "",
                &[
                    token.token_id.to_string(),
                    BASE64.encode(&token.hmac),
                    owner(token),
                    requester(token),
                    format!("[{}]", renewers.join(", ")),
                    date_and_minute(token.issue_timestamp),
                    date_and_minute(token.expiry_timestamp),
                    date_and_minute(token.max_timestamp),
                ],
            );
        }
    }
}

/// As Kafka's tool does: each row below a line of its own, the last column padded too.
fn print_row(above: &str, row: &[String; 8]) {
    let columns = row.iter().zip(WIDTHS);
    let columns: Vec<_> = columns
        .map(|(text, width)| format!("{text:<width$}"))
        .collect();
    say!("{above}\n{}", columns.join(" "));
}

fn owner(token: &DescribedDelegationToken) -> String {
    format!("{}:{}", token.principal_type, token.principal_name)
}

fn requester(token: &DescribedDelegationToken) -> String {
    let kind = &token.token_requester_principal_type;
    format!("{kind}:{}", token.token_requester_principal_name)
}

fn renewers(token: &DescribedDelegationToken) -> impl Iterator<Item = String> {
    let renewers = token.renewers.iter();
    renewers.map(|it| format!("{}:{}", it.principal_type, it.principal_name))
}

fn as_json(token: &DescribedDelegationToken) -> serde_json::Value {
    json!({
        "tokenId": token.token_id.as_str(), "hmac": BASE64.encode(&token.hmac),
        "owner": owner(token), "requester": requester(token),
        "renewers": renewers(token).collect::<Vec<_>>(),
        "issueTimestamp": token.issue_timestamp, "expiryTimestamp": token.expiry_timestamp,
        "maxTimestamp": token.max_timestamp,
    })
}

fn list(principals: &[Principal]) -> String {
    let principals = principals
        .iter()
        .map(|it| format!("{}:{}", it.kind, it.name));
    format!("[{}]", principals.collect::<Vec<_>>().join(", "))
}

/// Somebody, as `User:alice`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Principal {
    kind: String,
    name: String,
}

impl std::str::FromStr for Principal {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim().split_once(':') {
            Some((kind, name)) if !kind.is_empty() => Ok(Self {
                kind: kind.to_owned(),
                name: name.to_owned(),
            }),
            _ => bail!("expected a string in format principalType:principalName but got {text}"),
        }
    }
}

const TITLES: [&str; 8] = [
    "TOKENID",
    "HMAC",
    "OWNER",
    "REQUESTER",
    "RENEWERS",
    "ISSUEDATE",
    "EXPIRYDATE",
    "MAXDATE",
];
const WIDTHS: [usize; 8] = [15, 30, 15, 15, 25, 15, 15, 15];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_has_a_type() {
        let principal: Principal = "User:a:b".parse().unwrap();
        assert_eq!((&*principal.kind, &*principal.name), ("User", "a:b"));
        assert!("alice".parse::<Principal>().is_err());
        assert!(":alice".parse::<Principal>().is_err());
    }
}
