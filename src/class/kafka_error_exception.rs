//! `RdKafka\KafkaErrorException`: an error with what can be done about it.

use rdkafka_client::TransactionError;

use crate::zend::{Base, Call, Class, Object, ObjectRef, Php, Stop, Value, throw_object};

const OWN: Base = Base::Own(Class::KafkaErrorException);

/// What the properties of the exception hold.
pub(crate) struct Details<'a> {
    pub(crate) message: Value,
    pub(crate) code: i64,
    pub(crate) error_string: &'a [u8],
    pub(crate) is_fatal: bool,
    pub(crate) is_retriable: bool,
    pub(crate) requires_abort: bool,
}

/// Fills the exception `object`.
pub(crate) fn fill(object: Object<'_>, details: Details<'_>) -> Php<()> {
    object.set_property(OWN, "message", details.message)?;
    object.set_property(OWN, "code", details.code)?;
    object.set_property(OWN, "error_string", details.error_string)?;
    object.set_property(OWN, "isFatal", details.is_fatal)?;
    object.set_property(OWN, "isRetriable", details.is_retriable)?;
    object.set_property(OWN, "transactionRequiresAbort", details.requires_abort)
}

/// Throws what became of a transaction.
#[cold]
pub(crate) fn throw_transaction(error: &TransactionError) -> Stop {
    let message = format!("{} (RD_KAFKA_RESP_ERR_{})", error.text, error.code.name());
    let exception = ObjectRef::new(Class::KafkaErrorException);
    let details = Details {
        message: message.as_str().into(),
        code: i64::from(error.code.code()),
        error_string: error.text.as_bytes(),
        is_fatal: error.is_fatal,
        is_retriable: error.is_retriable,
        requires_abort: error.requires_abort,
    };
    match fill(exception.as_object(), details) {
        Ok(()) => throw_object(exception),
        Err(stop) => stop,
    }
}

/// The signature asks for six arguments; as upstream, two will do.
pub(crate) fn construct(call: &Call<'_>) -> Php<()> {
    let given = call.count(2, 6)?;
    let details = Details {
        message: call.string(0)?.to_owned().into(),
        code: call.long(1)?,
        error_string: if given > 2 {
            call.string(2)?.as_bytes()
        } else {
            b""
        },
        is_fatal: call.optional_bool(3)?,
        is_retriable: call.optional_bool(4)?,
        requires_abort: call.optional_bool(5)?,
    };
    fill(call.this(), details)
}

pub(crate) fn get_error_string(call: &Call<'_>) -> Php<Value> {
    own_property(call, "error_string")
}

pub(crate) fn is_fatal(call: &Call<'_>) -> Php<Value> {
    own_property(call, "isFatal")
}

pub(crate) fn is_retriable(call: &Call<'_>) -> Php<Value> {
    own_property(call, "isRetriable")
}

pub(crate) fn transaction_requires_abort(call: &Call<'_>) -> Php<Value> {
    own_property(call, "transactionRequiresAbort")
}

fn own_property(call: &Call<'_>, name: &str) -> Php<Value> {
    call.count(0, 0)?;
    call.this().own_property(OWN, name)
}
