//! `RdKafka\Producer`.

use rdkafka_client::conf::ClientKind;
use rdkafka_client::{ErrorCode, TransactionError};

use super::kafka_error_exception;
use super::rd_kafka::Kafka;
use crate::dispatch::{self, timeout};
use crate::zend::{Call, Php, is_interrupted};

pub(crate) fn construct(call: &Call<'_>) -> Php<()> {
    Kafka::construct(call, ClientKind::Producer)
}

pub(crate) fn init_transactions(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    let timeout_ms = timeout(call.long(0)?);
    let client = call.native::<Kafka>()?.client();
    transact(timeout_ms, |left_ms| {
        Ok(client.init_transactions(left_ms, &is_interrupted))
    })
}

pub(crate) fn begin_transaction(call: &Call<'_>) -> Php<()> {
    let client = call.native::<Kafka>()?.client();
    transact(0, |_| Ok(client.begin_transaction()))
}

pub(crate) fn commit_transaction(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    let timeout_ms = timeout(call.long(0)?);
    let kafka = call.native::<Kafka>()?;
    transact(timeout_ms, |left_ms| {
        kafka.dispatch(call.this()).run(|sink| {
            kafka
                .client()
                .commit_transaction(left_ms, sink, &is_interrupted)
        })
    })
}

pub(crate) fn abort_transaction(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    let timeout_ms = timeout(call.long(0)?);
    let kafka = call.native::<Kafka>()?;
    transact(timeout_ms, |left_ms| {
        kafka.dispatch(call.this()).run(|sink| {
            kafka
                .client()
                .abort_transaction(left_ms, sink, &is_interrupted)
        })
    })
}

/// Runs a step of a transaction, and resumes it after signals until its time is over; its error is thrown.
fn transact(
    timeout_ms: i32,
    mut step: impl FnMut(i32) -> Php<Result<(), TransactionError>>,
) -> Php<()> {
    let mut answer = Ok(());
    dispatch::through_signals(timeout_ms, |left_ms| {
        answer = step(left_ms)?;
        let error = answer.as_ref().err();
        Ok(error.map_or(ErrorCode::NONE, |error| error.code))
    })?;
    answer.map_err(|error| kafka_error_exception::throw_transaction(&error))
}
