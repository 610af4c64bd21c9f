//! The broker as a state machine over the log
