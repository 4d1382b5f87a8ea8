"""Read a chain of blocks: from raw bytes to tables of blocks, transactions, inputs and outputs."""
