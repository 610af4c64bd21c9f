//! The record batch: build, seal, iterate, compress
