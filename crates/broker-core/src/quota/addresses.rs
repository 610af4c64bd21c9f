//! How fast connections may come from an address (KIP-612).
//!
//! Owns [`AddressRates`], made of what was set (`settings`). Leaves to the shell that accepts connections to keep to them.

use std::collections::HashMap;
use std::net::IpAddr;

use super::entity::entity_of;
use crate::settings::{Settings, SettingsKind};

/// The kind of entity that these quotas belong to.
pub(crate) const IP: &str = "ip";
/// Their key.
pub(crate) const CONNECTION_CREATION_RATE: &str = "connection_creation_rate";

/// Connections a second, for each address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AddressRates {
    default: Option<f64>,
    own: HashMap<IpAddr, f64>,
}

impl AddressRates {
    pub(crate) fn new(settings: &Settings) -> Self {
        let mut rates = Self::default();
        for (key, values) in settings.of_kind(SettingsKind::Quota) {
            let value = values.get(CONNECTION_CREATION_RATE);
            let Some(rate) = value.and_then(|it| it.parse::<f64>().ok()) else {
                continue;
            };
            match &entity_of(key)[..] {
                [(kind, None)] if kind == IP => rates.default = Some(rate),
                [(kind, Some(name))] if kind == IP => {
                    let ip = name.parse::<IpAddr>();
                    rates.own.extend(ip.map(|ip| (ip.to_canonical(), rate)));
                }
                _ => {}
            }
        }
        rates
    }

    /// How many connections a second may come from an address; `None` is any number.
    pub fn of(&self, ip: IpAddr) -> Option<f64> {
        self.own.get(&ip).copied().or(self.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quota::entity::key_of;

    #[test]
    fn an_address_has_its_own_rate_or_the_default() {
        let set = |settings: &mut Settings, name: Option<&str>, value: &str| {
            let key = key_of(&vec![(IP.to_owned(), name.map(str::to_owned))]);
            let map = [(CONNECTION_CREATION_RATE.to_owned(), value.to_owned())].into();
            settings.replay(SettingsKind::Quota, key.into(), map);
        };
        let mut settings = Settings::default();
        set(&mut settings, Some("10.0.0.1"), "3.0");
        set(&mut settings, Some("::1"), "4.0");
        let [a, b] = ["10.0.0.1", "10.0.0.2"].map(|it| it.parse::<IpAddr>().unwrap());
        let rates = AddressRates::new(&settings);
        assert_eq!((rates.of(a), rates.of(b)), (Some(3.0), None));
        set(&mut settings, None, "7.0");
        let rates = AddressRates::new(&settings);
        assert_eq!((rates.of(a), rates.of(b)), (Some(3.0), Some(7.0)));
    }
}
