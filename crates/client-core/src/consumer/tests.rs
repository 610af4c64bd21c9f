//! The consumer against a scripted cluster, with virtual time.
