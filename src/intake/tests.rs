//! What an import does with planted faults.
