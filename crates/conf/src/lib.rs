//! The property-table mechanism
