//! Drives the client core: threads, sockets, event queues, blocking handles
