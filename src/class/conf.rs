//! `RdKafka\Conf`: properties and callbacks of a client.

use std::cell::RefCell;

use rdkafka_client::conf;

use super::topic_conf::TopicConf;
use crate::callbacks::{Callbacks, Kind as CallbackKind};
use crate::zend::{Array, Base, Call, Class, GcBuffer, Kind, Native, Php, Stop, throw};

/// The state of a `RdKafka\Conf`.
pub(crate) struct Conf {
    properties: RefCell<conf::Conf>,
    callbacks: RefCell<Callbacks>,
}

impl Native for Conf {
    const KIND: Kind = Kind::Conf;
    const UNINITIALISED: &'static str = "RdKafka\\Conf::__construct() has not been called";

    fn visit(&self, gc: &mut GcBuffer) {
        self.callbacks.borrow().visit(gc);
    }
}

impl Conf {
    /// What was set so far.
    pub(crate) fn properties(&self) -> conf::Conf {
        self.properties.borrow().clone()
    }

    /// The callbacks set so far, each with a reference of its own.
    pub(crate) fn callbacks(&self) -> Callbacks {
        self.callbacks.borrow().clone()
    }

    fn set_callback(call: &Call<'_>, kind: CallbackKind) -> Php<()> {
        call.count(1, 1)?;
        let callable = call.callable(0)?;
        let state = call.native::<Self>()?;
        state
            .properties
            .borrow_mut()
            .set_callback(kind.property(), true);
        // The old one's destructor may run PHP code: after the borrow.
        let old = state.callbacks.borrow_mut().replace(kind, callable);
        drop(old);
        Ok(())
    }
}

/// RD_KAFKA_CONF_INVALID.
const CONF_INVALID: i64 = -1;

/// The exception for a property that was refused.
pub(crate) fn refused(error: &conf::ConfError) -> Stop {
    throw(
        Base::Own(Class::Exception),
        &error.text,
        i64::from(error.code()),
    )
}

/// An array of names and values.
pub(crate) fn dump_array(dump: Vec<(&'static str, String)>) -> Array {
    let mut array = Array::with_capacity(dump.len());
    for (name, value) in dump {
        array.set(name.as_bytes(), value.as_str());
    }
    array
}

pub(crate) fn construct(call: &Call<'_>) -> Php<()> {
    call.constructing(|call| call.count(0, 0))?;
    let state = Conf {
        properties: RefCell::new(conf::Conf::new()),
        callbacks: RefCell::new(Callbacks::default()),
    };
    if let Err(fresh) = call.this().construct(state) {
        // The constructor was called again: all is as new.
        let present = call.native::<Conf>()?;
        present.properties.swap(&fresh.properties);
        present.callbacks.swap(&fresh.callbacks);
    }
    Ok(())
}

pub(crate) fn dump(call: &Call<'_>) -> Php<Array> {
    call.count(0, 0)?;
    Ok(dump_array(
        call.native::<Conf>()?.properties.borrow().dump(),
    ))
}

/// The name and the value that `set()` is given; both end at a NUL, as upstream.
pub(crate) fn name_and_value(call: &Call<'_>) -> Php<(String, String)> {
    call.count(2, 2)?;
    let (name, value) = (call.string(0)?.to_c_text(), call.string(1)?.until_nul());
    match std::str::from_utf8(value.as_bytes()) {
        Ok(value) => Ok((name, value.to_owned())),
        // Brokers are sent UTF-8 only: a password must not turn into another one on the way.
        Err(_) => Err(throw(
            Base::Own(Class::Exception),
            &format!("Invalid value for configuration property \"{name}\": not UTF-8"),
            CONF_INVALID,
        )),
    }
}

pub(crate) fn set(call: &Call<'_>) -> Php<()> {
    let (name, value) = name_and_value(call)?;
    let state = call.native::<Conf>()?;
    let outcome = state.properties.borrow_mut().set(&name, &value);
    outcome.map_err(|error| refused(&error))
}

pub(crate) fn set_default_topic_conf(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    let topic_conf = call.object(0, Class::TopicConf)?;
    let state = call.native::<Conf>()?;
    let topic_conf: &TopicConf = topic_conf.native()?;
    state
        .properties
        .borrow_mut()
        .set_default_topic_conf(topic_conf.properties());
    Ok(())
}

pub(crate) fn set_error_cb(call: &Call<'_>) -> Php<()> {
    Conf::set_callback(call, CallbackKind::Error)
}

pub(crate) fn set_dr_msg_cb(call: &Call<'_>) -> Php<()> {
    Conf::set_callback(call, CallbackKind::DeliveryReport)
}

pub(crate) fn set_stats_cb(call: &Call<'_>) -> Php<()> {
    Conf::set_callback(call, CallbackKind::Statistics)
}

pub(crate) fn set_rebalance_cb(call: &Call<'_>) -> Php<()> {
    Conf::set_callback(call, CallbackKind::Rebalance)
}

pub(crate) fn set_consume_cb(call: &Call<'_>) -> Php<()> {
    Conf::set_callback(call, CallbackKind::Consume)
}

pub(crate) fn set_offset_commit_cb(call: &Call<'_>) -> Php<()> {
    Conf::set_callback(call, CallbackKind::OffsetCommit)
}

/// Log lines come through `poll()` from then on: the property `log.queue` shows it.
pub(crate) fn set_log_cb(call: &Call<'_>) -> Php<()> {
    Conf::set_callback(call, CallbackKind::Log)?;
    let outcome = call
        .native::<Conf>()?
        .properties
        .borrow_mut()
        .set("log.queue", "true");
    outcome.map_err(|error| refused(&error))
}

pub(crate) fn set_oauthbearer_token_refresh_cb(call: &Call<'_>) -> Php<()> {
    Conf::set_callback(call, CallbackKind::TokenRefresh)
}
