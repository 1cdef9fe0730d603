"""What the benchmarks share: DuckDB beside the nodes, five nodes of the program itself, and figures about both."""
