//! Tests of the configuration as a whole: the tables, setting, dumping, resolving.

mod resolving;
mod setting;
mod tables;
