//! The derive behind every wire message
