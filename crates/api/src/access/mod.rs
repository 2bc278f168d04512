//! What a caller can do, answered without running a document.

pub mod access_decision;
pub mod access_group;
pub mod access_map;
pub mod access_reason;
pub mod access_requirement;
pub mod document_access;
pub mod explain;
pub mod field_access;
pub mod missing_requirement;
pub mod path_access;
